// The turn of one tab. A promise of a function that ends the turn.
//
// What other tabs are told with the storage must have reached them before the lock does, so the
// turn ends a moment after it is over. Without locks (a page that came neither by https nor from
// this machine) nobody waits.
const LINGER_MS = 250;

export const alone = (name) =>
  new Promise((begin) => {
    if (!navigator.locks) begin(() => {});
    else navigator.locks.request(name, () => new Promise((end) => begin(() => setTimeout(end, LINGER_MS))));
  });
