/** Creates sequencers: hexadecimal, of constant length, each greater than all earlier ones, also after a restart. */
class Sequencer {
  #last = 0n;

  constructor(private readonly nowMs: () => number) {}

  /** Continues after a sequencer of an earlier run. */
  follow(sequencer: string) {
    const value = BigInt(`0x${sequencer}`);
    if (value > this.#last) this.#last = value;
  }

  next(): string {
    // Leaves room for 2^20 changes per millisecond.
    const now = BigInt(this.nowMs()) << 20n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return this.#last.toString(16).toUpperCase().padStart(18, "0");
  }
}

export { Sequencer };
