// Running times: at each full second of the server all of them read on, and nothing else is touched.
//
// `digits(since)` says what one reads that began at `since`; the offset leads from this clock to the server's, so that
// all boards show the same. What is shown of the past stands still. The text is changed within its node, which the page's program goes on to own.
/** A countdown is urgent in its last half minute. */
const URGENT_MS = 30_000;
let timer;

export function tick(offsetMs, digits) {
  clearTimeout(timer);
  const now = Date.now() + offsetMs;
  timer = setTimeout(tick, 1000 - (((now % 1000) + 1000) % 1000), offsetMs, digits);
  for (const time of document.querySelectorAll("time[data-since]:not([data-past] time)")) {
    const { since, late } = time.dataset;
    const read = digits(Number(since));
    if (time.firstChild.data !== read) time.firstChild.data = read;
    if (late) time.parentElement.dataset.long = String(now >= Number(late));
  }
  const second = Math.floor(now / 1000) * 1000;
  for (const time of document.querySelectorAll("time[data-until]:not([data-past] time)")) {
    // What is left reads like what began as long ago.
    const left = Number(time.dataset.until) - second;
    const read = digits(second - left);
    if (time.firstChild.data !== read) time.firstChild.data = read;
    time.parentElement.dataset.urgent = String(left <= URGENT_MS);
  }
}
