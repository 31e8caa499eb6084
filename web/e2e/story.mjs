// A test that tells one story: on a stack and in a browser of its own, in steps that build on each other.

import test from 'node:test';
import { launch } from './browser.mjs';
import { Stack } from './stack.mjs';

/** Tells `story(t, stack, browser)`. What every program wrote is part of a failure. */
export function tell(name, story) {
  return test(name, async (t) => {
    const stack = await Stack.start();
    t.after(() => stack.stop());
    const browser = await launch();
    t.after(() => browser.close());
    try {
      await story(t, stack, browser);
    } catch (error) {
      t.diagnostic(stack.logs());
      throw error;
    }
  });
}

/**
 * The steps of a story. One that fails ends it, since the next ones could only fail for the same reason; `failed` is
 * called before, to leave a picture.
 */
export function steps(t, failed) {
  return async (name, run) => {
    let failure;
    await t.test(name, async () => {
      try {
        await run();
      } catch (error) {
        failure = error;
        await failed();
        throw error;
      }
    });
    if (failure) throw new Error(`stopped at: ${name}`);
  };
}
