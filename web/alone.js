// The turn of one tab. A promise of a function that ends the turn.
//
// What other tabs are told with the storage must have reached them before the lock does, so the
// turn ends a moment after it is over. Without locks (a page that came neither by https nor from
// this machine) nobody waits. Nor does anybody wait for ever: a tab that the system suspends in its
// turn keeps the lock, while a turn that goes on is over with the answer to one request. Two tabs
// that renew at once are given the same next token.
const LINGER_MS = 250;
const PATIENCE_MS = 15_000;

export const alone = (name) =>
  new Promise((begin) => {
    if (!navigator.locks) begin(() => {});
    else
      navigator.locks
        .request(name, { signal: AbortSignal.timeout(PATIENCE_MS) }, () =>
          new Promise((end) => begin(() => setTimeout(end, LINGER_MS))),
        )
        .catch(() => begin(() => {}));
  });
