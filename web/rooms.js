// Fetches the rooms beside the board when one is entered; see `rooms/index.js`.

export async function openRooms(root, host) {
  const { default: open } = await import(ROOMS_SCRIPT);
  return open(root, host);
}
