// What the browser wakes for this page: a press on a notification. Nothing is kept for later here,
// because a board that is not live is no board.
const open = async ({ call, url }) => {
  const pages = await clients.matchAll({ type: "window" });
  // The page that rang has the audio.
  const page = pages.find((one) => one.url === url) ?? pages[0];
  if (!page) return clients.openWindow("/");
  page.postMessage({ answer: call });
  return page.focus();
};

addEventListener("notificationclick", (event) => {
  const { notification, action } = event;
  notification.close();
  event.waitUntil(open({ ...notification.data, call: action === "answer" ? notification.data.call : "" }));
});
