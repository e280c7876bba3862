/** How the page looks: two themes, a phone, paper. Contrast of text is at least 4.5 to 1 in both themes. */
export const STYLE = `
:root{color-scheme:light dark;
--paper:#fbfaf7;--card:#fff;--ink:#1d1f24;--soft:#565b66;--line:#d5d3cc;--band:#f0eee7;
--people:#0b5fa5;--loud:#a3480a;--good:#1c6b3a;--bad:#b3201b;--good-pale:#e2f1e6;--bad-pale:#fbe3e0;
--listening:#a9dcec;--calling:#d5c8f2;--ringing:#fbd38a;--talking:#b4e3bd;--missed:#bcd3f5;--fault:#f5b5af;--other:#d9d9d4}
@media(prefers-color-scheme:dark){:root{
--paper:#15171b;--card:#1d2026;--ink:#eceae4;--soft:#aeb3bd;--line:#3b3f48;--band:#24272e;
--people:#77bdf5;--loud:#f5a868;--good:#7fd09a;--bad:#ff9189;--good-pale:#1f3a29;--bad-pale:#4a2321;
--listening:#1f5a6b;--calling:#4b3d78;--ringing:#75500f;--talking:#23593a;--missed:#2c4672;--fault:#7a2a25;--other:#474a52}}
@media print{:root{color-scheme:light;
--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;--band:#f2f1ec;
--people:#0b5fa5;--loud:#a3480a;--good:#1c6b3a;--bad:#b3201b;--good-pale:#e2f1e6;--bad-pale:#fbe3e0;
--listening:#a9dcec;--calling:#d5c8f2;--ringing:#fbd38a;--talking:#b4e3bd;--missed:#bcd3f5;--fault:#f5b5af;--other:#d9d9d4}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.9rem;line-height:1.2;margin:.2rem 0 .6rem}h2{font-size:1.35rem;margin:2.6rem 0 .5rem}
h3{font-size:1.1rem;margin:0;overflow-wrap:anywhere}
p{max-width:46rem;margin:.5rem 0}a{color:inherit}.soft{color:var(--soft)}.small{font-size:.9rem}
.result{display:inline-block;padding:.1rem .6rem;border-radius:1rem;font-weight:600;white-space:nowrap}
.result.good{background:var(--good-pale);color:var(--good)}.result.bad{background:var(--bad-pale);color:var(--bad)}
.big{font-size:1.15rem;padding:.3rem 1rem}
.scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem;background:var(--card);margin:.7rem 0;padding:.4rem .4rem .2rem 0}
.drawing{display:flex;min-width:54rem}.drawing svg{display:block;height:auto}
.names{flex:0 0 10%;width:10%;position:sticky;left:0;background:var(--card);z-index:1}.plot{flex:0 0 90%;width:90%}
svg text{font-family:Arial,"Liberation Sans",Helvetica,Roboto,system-ui,sans-serif;font-size:12px;fill:var(--ink)}.chip text,.band text{font-size:11.5px}svg .row{fill:var(--soft);font-size:11.5px}svg .home{font-weight:700;font-size:13.5px}
svg .still{fill:var(--soft);font-style:italic;text-anchor:middle}
.lane{fill:none;stroke:var(--line);stroke-width:1}.inside{fill:var(--band)}
.tick{stroke:var(--line);stroke-width:1;stroke-dasharray:1 3}.zero{stroke:var(--line);stroke-width:1}
.people{stroke:var(--people);stroke-width:1.1}.loudspeaker{stroke:var(--loud);stroke-width:1.1}
.strip{fill:none;stroke:var(--line)}.light{stroke:var(--ink);stroke-width:.6}
.light-listening{fill:var(--listening)}.light-calling{fill:var(--calling)}.light-ringing{fill:var(--ringing)}
.light-talking{fill:var(--talking)}.light-missed,.light-message{fill:var(--missed)}.light-fault,.light-muted{fill:var(--fault)}
.light-calling-off,.light-other{fill:var(--other)}
.leader{stroke:var(--soft);stroke-width:.8;opacity:.55;fill:none}.leader.k-verdict,.leader.k-refused{stroke:var(--ink);opacity:.9}
.chip rect{fill:var(--card);stroke:var(--soft);stroke-width:1}
.chip.k-heard rect{stroke:var(--people);stroke-width:1.4}.chip.k-says rect{stroke:var(--loud);stroke-width:1.4}
.chip.k-call rect,.chip.k-book rect{fill:var(--band)}.chip.k-link rect{stroke-dasharray:3 2}
.chip.k-verdict rect{fill:var(--good);stroke:var(--good)}.chip.k-verdict text{fill:var(--card)}
.chip.k-verdict.drop rect,.chip.k-refused rect{fill:var(--bad);stroke:var(--bad)}.chip.k-refused text{fill:var(--card)}
.gap{fill:url(#hatch);stroke:var(--line)}.hatch-back{fill:var(--band)}.hatch-line{stroke:var(--soft);stroke-width:1;opacity:.5}
.band rect{fill:transparent}.band.even>rect{fill:var(--band)}.band.bad>rect{fill:var(--bad-pale)}
.band>rect.head{fill:var(--good-pale)}.band.bad>rect.head{fill:var(--bad-pale);stroke:var(--bad);stroke-width:2}
.band .number{font-weight:700;fill:var(--good)}.band.bad .number{fill:var(--bad)}
table{border-collapse:collapse;width:100%;margin:.6rem 0}caption{text-align:left;color:var(--soft);padding:.2rem 0}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
th{font-weight:600}thead th{color:var(--soft);font-size:.9rem}td.n,th.n{white-space:nowrap;font-variant-numeric:tabular-nums}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;padding:0;margin:.4rem 0;list-style:none;font-size:.9rem}
.legend svg{width:34px;height:16px;vertical-align:-3px;margin-right:.35rem}
dl{max-width:46rem}dt{font-weight:600}dd{margin:0 0 .4rem}
section.step{margin:2rem 0;scroll-margin-top:1rem}.head-line{display:flex;flex-wrap:wrap;gap:.3rem .8rem;align-items:baseline}
button{font:inherit;font-size:.9rem;color:inherit;background:var(--card);border:1px solid var(--soft);border-radius:1rem;padding:.15rem .8rem;cursor:pointer}
button:hover{background:var(--band)}:focus-visible{outline:3px solid var(--people);outline-offset:2px}
audio{width:100%;max-width:34rem;display:block;margin:.2rem 0 .8rem}summary{cursor:pointer;color:var(--soft)}
@media(max-width:40rem){h1{font-size:1.5rem}main{padding:1rem .7rem 3rem}
.steps thead{display:none}.steps tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}.steps td,.steps th{display:inline;border:0;padding:0 .5rem 0 0}.steps td:last-child{display:block;color:var(--soft)}
.figures td,.figures th{padding-right:.4rem;font-size:.9rem;overflow-wrap:normal}}
@media print{@page{margin:12mm}body{font-size:10.5pt}main{max-width:none;padding:0}.play,audio,details,.screen{display:none}
.scroll{overflow:visible;padding:0;break-inside:avoid}.drawing{min-width:0}.names{position:static}tr,h2,h3,.head-line{break-inside:avoid;break-after:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

/** Plays a home's recording from the moment that a button stands for; pressed again, the button stops it. */
export const SCRIPT = `
let playing=null;
function stop(){
if(!playing)return;
playing.audio.pause();
playing.button.setAttribute("aria-pressed","false");
playing=null;
}
document.addEventListener("ended",stop,true);
document.addEventListener("click",(event)=>{
const button=event.target.closest("button[data-sound]");
if(!button)return;
const again=playing&&playing.button===button;
stop();
if(again)return;
const audio=document.getElementById(button.dataset.sound);
playing={button,audio};
button.setAttribute("aria-pressed","true");
audio.currentTime=Number(button.dataset.at);
audio.play().catch(stop);
});
`;
