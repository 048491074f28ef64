/** A filter does not answer, or not as filters do: its message goes on by the line's default. */
export class MilterTrouble extends Error {
  override readonly name = 'MilterTrouble'
}
