// What the browser wakes for this page: a press on a notification. Nothing is kept for later here,
// because a board that is not live is no board.

/** A page that has not said by then that it rings is not waited for: the press is soon no press any more. */
const PATIENCE_MS = 500;

const open = async (answer) => {
  // A page that was there before this worker is one as well. The one that was seen last comes first.
  const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!pages.length) return clients.openWindow("/");
  const here = pages.map(
    (page) =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => resolve(page);
        // Every page is told, whatever it shows by now: the one that has the audio answers.
        page.postMessage({ answer }, [port2]);
      }),
  );
  const nobody = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, pages[0]));
  return (await Promise.race([...here, nobody])).focus();
};

// Nothing here belongs to pages of the version before.
addEventListener("install", () => skipWaiting());

addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  notification.close();
  event.waitUntil(open(action === "answer" ? notification.data.call : ""));
});
