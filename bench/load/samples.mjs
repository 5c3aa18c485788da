/** Numbers of which quantiles are wanted. */
export class Samples {
  #values = new Float64Array(1024);
  count = 0;

  /** @param {number} value */
  add(value) {
    if (this.count === this.#values.length) {
      const larger = new Float64Array(this.count * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.count++] = value;
  }

  /** null: there are none. @param {number[]} shares Each of 0 to 1. */
  quantiles(shares) {
    if (this.count === 0) return shares.map(() => null);
    const sorted = this.#values.slice(0, this.count).sort();
    return shares.map((share) => sorted[Math.min(this.count - 1, Math.floor(this.count * share))]);
  }
}
