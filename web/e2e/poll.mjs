// Waiting for a condition: asked again and again, with a limit that only a broken system meets.

/** Waits until `condition` gives something true and returns it. `what` completes "waited for …". */
export async function poll(what, condition, limit = 15_000) {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${limit} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
