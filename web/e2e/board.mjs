// What a board shows, read from the page as a person would: visible words, section by section.

import assert from 'node:assert/strict';
import { poll } from './poll.mjs';

const SECTIONS = ['Incoming Calls', 'Agents', 'Parking Lot'];

/**
 * The visible words of the three sections, one line a card.
 *
 * Left out is what depends on who looks and when: running times, buttons, and on agents' cards
 * "You" and the hint of a free desk. Agents' cards are put in the order of their names, since
 * everybody's own card comes first.
 */
export function boardText(page) {
  return page.evaluate((sections) => {
    const OWN = 'button, time, .incoming-wait-word, .incoming-hint, .tag[data-tone=mine], .agent-idle, .transfer-menu, .avatar';
    const words = (root) => {
      const found = [];
      const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) {
        const parent = texts.currentNode.parentElement;
        const word = texts.currentNode.data.trim();
        if (word && !parent.closest(OWN) && parent.checkVisibility({ visibilityProperty: true })) {
          found.push(word);
        }
      }
      return found.join(' | ');
    };
    return sections
      .map((title) => {
        const heading = [...document.querySelectorAll('h2')].find((h2) => h2.textContent === title);
        if (!heading) return `${title}: not there`;
        const section = heading.closest('section');
        const cards = [...section.querySelectorAll('[data-testid]')]
          .filter((card) => !card.parentElement.closest('[data-testid]'))
          .map((card) => `  ${card.dataset.testid}: ${words(card)}`);
        if (title === 'Agents') cards.sort();
        return [title, ...cards].join('\n');
      })
      .join('\n');
  }, SECTIONS);
}

/**
 * Waits until every board shows what the first one shows, and that contains all these words.
 * Returns it.
 */
export async function expectBoardsEqual(pages, ...expected) {
  let texts = [];
  try {
    await poll('the boards to be equal', async () => {
      texts = await Promise.all(pages.map(boardText));
      const same = texts.every((text) => text === texts[0]);
      return same && expected.every((words) => texts[0].includes(words));
    });
  } catch {
    for (const [index, text] of texts.entries()) {
      assert.equal(text, texts[0], `${pages[index].person} sees another board than ${pages[0].person}`);
    }
    assert.fail(`every board shows\n${texts[0]}\nbut not ${expected.map((words) => `"${words}"`).join(', ')}`);
  }
  return texts[0];
}

/** A call's card, wherever it stands. */
export const callCard = (page, call) => page.getByTestId(`call-${call.id}`);

/** A button on a call's card, by the word on it; whom it concerns stands behind that in its name. */
export const button = (page, call, name) =>
  callCard(page, call).getByRole('button', { name: new RegExp(`^${name.replace('?', '\\?')}(:? |$)`) });

/**
 * Waits until nothing that was asked for on that board is on its way. A board shows its own actions before the database
 * knows of them, so a card that moved on the board that moved it proves nothing yet.
 */
export const settled = (page) =>
  poll('every action to be answered', async () => (await page.locator('[data-pending=true]').count()) === 0, 30_000);

/** A member's card. */
export const agentCard = (page, { identity }) => page.getByTestId(`agent-${identity}`);

/** A place of the parking lot. */
export const slot = (page, number) => page.getByTestId(`slot-${number}`);

/**
 * Presses these buttons at the same instant: each page was told when, and presses by itself.
 * Clicks that travel one after the other would let the first one win every race.
 */
export async function pressTogether(buttons) {
  const at = Date.now() + 300;
  await Promise.all(
    buttons.map((button) =>
      button.evaluate(
        (element, at) => new Promise((done) => setTimeout(() => done(element.click()), at - Date.now())),
        at,
      ),
    ),
  );
}
