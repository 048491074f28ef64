/** Waiting for conditions. Time is only the bound at which a wait counts as failed. */

const boundSeconds = 60

/**
 * Wait until a condition holds.
 *
 * @param what - says in words what never happened, if it does not
 * @param patienceSeconds - more than usual where a limit of the programs has to pass first
 * @returns what the condition gave, once that is neither false nor undefined
 */
export async function until<T>(
  what: string | (() => string),
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  patienceSeconds: number = boundSeconds,
): Promise<T> {
  const end = performance.now() + patienceSeconds * 1000
  for (;;) {
    const value = await condition()
    if (value !== false && value !== undefined) return value
    if (performance.now() > end) throw new Error(`never: ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
