// Fetches the audio of this tab when it is wanted, and its words; see `voice/index.js`.

async function words() {
  const answer = await fetch(VOICE_TEXTS[document.documentElement.lang]);
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

export async function loadVoice(kind, voiceUrl, supabaseUrl, supabaseKey, member, emit) {
  const [{ Voice }, texts] = await Promise.all([import(VOICE_SCRIPT), words()]);
  return new Voice({ kind, voiceUrl, supabaseUrl, supabaseKey, member, texts }, emit);
}
