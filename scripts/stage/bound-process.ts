/**
 * What to spawn for a process that is sent `signal` when the one that starts it ends, however it ends (prctl(2),
 * PR_SET_PDEATHSIG): whoever kills a stage leaves nothing of it behind. Its pid is the spawned one.
 */
export function bound(signal: "SIGTERM" | "SIGKILL", program: string, args: readonly string[]): [string, string[]] {
  return ["setpriv", ["--pdeathsig", signal.slice(3), "--", program, ...args]];
}
