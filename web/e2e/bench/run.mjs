// `make bench`: figures, not verdicts. Everything runs on this machine, release builds, over the
// same wire as in production. `npm run bench share open` runs those of that name alone.

import { measureInserts } from './inserts.mjs';
import { measureOpening } from './open.mjs';
import { measurePaint } from './paint.mjs';
import { measureShare } from './share.mjs';

const ALL = { open: measureOpening, paint: measurePaint, share: measureShare, inserts: measureInserts };
const wanted = process.argv.slice(2);
for (const [name, measure] of Object.entries(ALL)) if (!wanted.length || wanted.includes(name)) await measure();
