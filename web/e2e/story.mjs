// A test that tells one story: on a stack and in a browser of its own, in steps that build on each other.

import test from 'node:test';
import { launch } from './browser.mjs';
import { Link } from './link.mjs';
import { Stack } from './stack.mjs';

/**
 * `tell(name[, options], story)` tells `story(t, stack, browser, link)`. What every program wrote is part of a failure.
 * Of the options `flags` are the browser's, with `hasLink` there is a link to Supabase that can be cut, and all others
 * are the stack's.
 */
export function tell(name, ...rest) {
  const story = rest.pop();
  const [{ flags, hasLink = false, ...ofStack } = {}] = rest;
  return test(name, async (t) => {
    const stack = await Stack.start(ofStack);
    t.after(() => stack.stop());
    const link = hasLink ? await Link.to(stack.supabaseUrl) : undefined;
    t.after(() => link?.close());
    const browser = await launch(flags);
    t.after(() => browser.close());
    try {
      await story(t, stack, browser, link);
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
