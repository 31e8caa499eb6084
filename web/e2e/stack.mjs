// The whole of Switchboard as processes: the stand-in of Supabase and any number of webhooks,
// each on free ports, with a database folder of its own, gone when the test ends.

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { poll } from './poll.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target');

export const TWILIO_AUTH_TOKEN = 'local-twilio-auth-token';
// The keys that Supabase publishes for local stacks.
export const ANON_KEY =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0';
export const SERVICE_ROLE_KEY =
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZpY2Vfcm9sZSIsImV4cCI6MTk4MzgxMjk5Nn0.EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU';

/** Keys of the right form. */
const UNKNOWN_TO_TWILIO = {
  TWILIO_ACCOUNT_SID: `AC${'1'.repeat(32)}`,
  TWILIO_API_KEY_SID: `SK${'2'.repeat(32)}`,
  TWILIO_API_KEY_SECRET: 'a-secret-that-twilio-never-gave-out',
  TWILIO_TWIML_APP_SID: `AP${'3'.repeat(32)}`,
};

/**
 * A port that nobody uses at this moment. It is below those that a system hands out by itself (from 32768 on Linux), so
 * that no connection takes it before the program does that it is for.
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(() => true, () => false);
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** A child process with its log kept, and an orderly end. */
class Program {
  constructor(name, args, env, profile) {
    this.name = name;
    this.log = [];
    // Settings of whoever runs the tests must not reach the stack.
    const clean = Object.fromEntries(
      Object.entries(process.env).filter(
        ([key]) => !/^(VOICE$|METRICS_TOKEN$|(SUPABASE|LOCAL_SUPABASE|TWILIO|WEBHOOK|DASHBOARD|PUBLIC_BASE)_)/.test(key),
      ),
    );
    this.child = spawn(join(TARGET, profile, name), args, {
      cwd: ROOT,
      env: { ...clean, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => this.log.push(text));
    }
    this.ended = once(this.child, 'close').catch((error) => this.log.push(String(error)));
  }

  get running() {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until it answers there with anything below 500. */
  async answers(url) {
    await poll(
      `${this.name} to answer at ${url}`,
      async () => {
        if (!this.running) throw new Error(`${this.name} ended:\n${this.log.join('')}`);
        return (await fetch(url).catch(() => ({ status: 599 }))).status < 500;
      },
      90_000,
    );
  }

  async stop() {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const impatient = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    await this.ended;
    clearTimeout(impatient);
  }
}

/**
 * A running stand-in with one webhook. `profile` is cargo's: `debug` or `release`; `tokensLive` says
 * for how many seconds an access token is good; `voice` is who carries the audio: `off`, or `sim` with a
 * simulator, or `twilio` with keys that Twilio does not know; `callerId` is the number that the service calls out from.
 */
export class Stack {
  #programs = [];
  #folder;

  static async start({ profile = 'debug', tokensLive = 3600, voice = 'off', callerId = '+12025550199' } = {}) {
    const stack = new Stack();
    stack.profile = profile;
    stack.voice = voice;
    stack.callerId = callerId;
    try {
      stack.#folder = await mkdtemp(join(tmpdir(), 'switchboard-'));
      // The database runs as another user, who must be able to enter.
      await chmod(stack.#folder, 0o755);
      const [port, databasePort] = [await freePort(), await freePort()];
      stack.supabaseUrl = `http://127.0.0.1:${port}`;
      stack.databaseUrl = `postgres://postgres:postgres@127.0.0.1:${databasePort}/postgres`;
      const supabase = stack.#spawn('local-supabase', ['start', '--jwt-expiry', String(tokensLive)], {
        LOCAL_SUPABASE_PORT: String(port),
        LOCAL_SUPABASE_DB_PORT: String(databasePort),
        LOCAL_SUPABASE_DATA: join(stack.#folder, 'postgres'),
      });
      await supabase.answers(`${stack.supabaseUrl}/rest/v1/`);
      if (voice === 'sim') stack.simUrl = `http://127.0.0.1:${await freePort()}`;
      stack.url = await stack.webhook();
      if (voice === 'sim') await stack.#simulator();
    } catch (error) {
      await stack.stop();
      throw error;
    }
    return stack;
  }

  /** Starts one more webhook, which reaches Supabase there, and returns its address. */
  async webhook(supabaseUrl = this.supabaseUrl) {
    const listen = `127.0.0.1:${await freePort()}`;
    const url = `http://${listen}`;
    const program = this.#spawn('switchboard-webhook', ['--voice', this.voice], {
      ...(this.voice === 'sim' && { TWILIO_API_URL: this.simUrl, TWILIO_CALLER_ID: this.callerId }),
      ...(this.voice === 'twilio' && UNKNOWN_TO_TWILIO),
      SUPABASE_URL: supabaseUrl,
      SUPABASE_ANON_KEY: ANON_KEY,
      SUPABASE_SERVICE_ROLE_KEY: SERVICE_ROLE_KEY,
      WEBHOOK_LISTEN: listen,
      PUBLIC_BASE_URL: url,
      TWILIO_AUTH_TOKEN,
      DASHBOARD_DIR: join(ROOT, 'dist/dashboard'),
    });
    await program.answers(`${url}/readyz`);
    return url;
  }

  /** The simulator, where nobody calls by themselves. */
  async #simulator() {
    const program = this.#spawn('twilio-sim', ['serve'], {
      TWILIO_SIM_LISTEN: new URL(this.simUrl).host,
      PUBLIC_BASE_URL: this.url,
      TWILIO_AUTH_TOKEN,
    });
    await program.answers(`${this.simUrl}/admin/health`);
  }

  /** One request to the simulator's admin API. Returns the parsed body. */
  async sim(path, { method = 'GET', body } = {}) {
    const response = await fetch(`${this.simUrl}/admin/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** One request to REST as the service. Returns the answer, whatever it is. */
  ask(path, { method = 'GET', body } = {}) {
    return fetch(`${this.supabaseUrl}/rest/v1/${path}`, {
      method,
      headers: {
        apikey: SERVICE_ROLE_KEY,
        authorization: `Bearer ${SERVICE_ROLE_KEY}`,
        'content-type': 'application/json',
        prefer: 'return=representation',
      },
      body: body && JSON.stringify(body),
    });
  }

  /** One request to REST as the service, which must be done. Returns the parsed body. */
  async rest(path, { method = 'GET', body } = {}) {
    const response = await this.ask(path, { method, body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  }

  /** What every program has written, for a failed test. */
  logs() {
    return this.#programs
      .map((program) => `--- ${program.name}\n${program.log.join('').split('\n').slice(-80).join('\n')}`)
      .join('\n');
  }

  /** Stops everything, the database last, and removes its folder. */
  async stop() {
    for (const program of this.#programs.reverse()) await program.stop();
    this.#programs = [];
    if (this.#folder) await rm(this.#folder, { recursive: true, force: true });
  }

  #spawn(name, args, env) {
    const program = new Program(name, args, env, this.profile);
    this.#programs.push(program);
    return program;
  }
}
