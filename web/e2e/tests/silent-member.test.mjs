// A browser that was closed says nothing any more: every board says that nobody can be rung there.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { agentCard } from '../board.mjs';
import { TEAM, WITH_MICROPHONE, live, signIn, tab } from '../browser.mjs';
import { poll } from '../poll.mjs';
import { tell } from '../story.mjs';
import { PATIENCE_MS, goOnDuty, says, told } from '../voice.mjs';

/** The last heartbeat of that member was longer ago than the team waits for one. */
const silence = (stack, member) =>
  execFileSync('psql', [
    stack.databaseUrl,
    '--quiet',
    '--set=ON_ERROR_STOP=1',
    '--command=alter table presence disable trigger user',
    `--command=update presence set last_seen_at = now() - interval '80 seconds' where member_id = '${member.id}'`,
    '--command=alter table presence enable trigger user',
  ]);

tell('whose browser is silent is out of reach on every board, until it speaks', { voice: 'sim', flags: WITH_MICROPHONE }, async (t, stack, browser) => {
  const permissions = ['microphone'];
  const doug = await signIn(browser, stack.url, 'Doug', { permissions });
  const rhonda = await signIn(browser, stack.url, 'Rhonda', { permissions });
  await goOnDuty(stack, doug, TEAM.Doug);
  await goOnDuty(stack, rhonda, TEAM.Rhonda);
  const card = agentCard(doug, TEAM.Rhonda);
  await card.getByText('On duty').waitFor({ timeout: PATIENCE_MS });

  // Only its heartbeats got lost: the page reads that of itself, and says otherwise.
  await card.evaluate((element) => {
    new MutationObserver(() => (globalThis.wasSilent ||= element.textContent.includes('Out of reach'))).observe(element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  silence(stack, TEAM.Rhonda);
  await poll('her card to say so', () => doug.evaluate(() => globalThis.wasSilent), PATIENCE_MS);
  await card.getByText('On duty').waitFor({ timeout: PATIENCE_MS });

  const context = rhonda.context();
  await rhonda.close();
  silence(stack, TEAM.Rhonda);
  await card.getByText('Out of reach').waitFor({ timeout: PATIENCE_MS });
  await told(stack, TEAM.Rhonda, 'unreachable');

  const again = await tab(context, 'Rhonda');
  await again.goto(stack.url);
  await live(again);
  await says(again, 'Your audio is ready.');
  await card.getByText('On duty').waitFor({ timeout: PATIENCE_MS });
  for (const page of [doug, again]) assert.deepEqual(page.complaints, [], page.person);
});
