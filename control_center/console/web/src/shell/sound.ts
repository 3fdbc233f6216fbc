let context: AudioContext | null = null;

/** Two soft notes. Browsers allow sound only after the operator has touched the page; until then it stays silent. */
export function chime(): void {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume().catch(() => undefined);
  note(context, 660, 0);
  note(context, 880, 0.16);
}

function note(audio: AudioContext, hertz: number, delayS: number): void {
  const start = audio.currentTime + delayS;
  const gain = new GainNode(audio, { gain: 0 });
  gain.gain.linearRampToValueAtTime(0.12, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + 0.35);
  const oscillator = new OscillatorNode(audio, { type: "sine", frequency: hertz });
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + 0.4);
}
