// Fetches the audio of this tab when it is wanted, its words and its looks; see `voice/index.js`.

function style(href) {
  return new Promise((done, failed) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href, onload: done, onerror: failed });
    document.head.append(link);
  });
}

async function words() {
  const answer = await fetch(VOICE_TEXTS[document.documentElement.lang]);
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

export async function loadVoice(kind, voiceUrl, supabaseUrl, supabaseKey, member, emit, spaced) {
  const [{ Voice }, texts] = await Promise.all([import(VOICE_SCRIPT), words(), style(VOICE_STYLE)]);
  return new Voice({ kind, voiceUrl, supabaseUrl, supabaseKey, member, texts, spaced }, emit);
}
