// Fetches the audio of this tab when it is wanted; see `voice/index.js`.

export async function loadVoice(kind, voiceUrl, supabaseUrl, supabaseKey, member, emit) {
  const { Voice } = await import(VOICE_SCRIPT);
  return new Voice({ kind, voiceUrl, supabaseUrl, supabaseKey, member }, emit);
}
