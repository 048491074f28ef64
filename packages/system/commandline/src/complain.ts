/**
 * Write one line to descriptor 2: a byte string as it is, any other text as UTF-8. That nobody reads it is no trouble.
 */
export function complain(text: string): void {
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => undefined)
  process.stderr.write(Buffer.from(`${text}\n`, /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1'))
}
