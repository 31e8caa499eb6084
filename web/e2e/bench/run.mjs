// `make bench`: figures, not verdicts. Everything runs on this machine, release builds, over the
// same wire as in production.

import { measureInserts } from './inserts.mjs';
import { measurePaint } from './paint.mjs';

await measurePaint();
await measureInserts();
