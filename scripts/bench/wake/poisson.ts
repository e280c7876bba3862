/** Between which rates an hour the true one lies with 95 %: exact for counts (F. Garwood, Biometrika 28, 1936). */
export function rateBounds(count: number, hours: number): Readonly<{ least: number; most: number }> {
  const most = meanAt((mean) => atMost(count, mean), 0.025);
  const least = count === 0 ? 0 : meanAt((mean) => atMost(count - 1, mean), 0.975);
  return { least: least / hours, most: most / hours };
}

/** The mean at which something that falls with it has fallen to `chance`: by bisection. */
function meanAt(falling: (mean: number) => number, chance: number): number {
  let [low, high] = [0, 1];
  while (falling(high) > chance) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (falling(middle) > chance) low = middle;
    else high = middle;
  }
  return high;
}

/** How likely a Poisson count is `count` or less. */
function atMost(count: number, mean: number): number {
  let sum = 0;
  for (let k = 0, logFactorial = 0; k <= count; k++) {
    if (k > 0) logFactorial += Math.log(k);
    sum += Math.exp((k === 0 ? 0 : k * Math.log(mean)) - mean - logFactorial);
  }
  return sum;
}
