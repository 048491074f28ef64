/**
 * Show the addresses that timed out lately: one line for each with at least one recent timeout (spec §8.1).
 *
 * Reads queue/lock/tcpto under its lock and changes nothing. Complaints go to descriptor 1, as qmail-tcpto's do.
 */
import { closeSync, constants, readSync, writeSync } from 'node:fs'
import { run } from '@yabumi/commandline'
import { nowSeconds } from '@yabumi/dates'
import { become, homeDirectory } from '@yabumi/home'
import { openQueueFile } from '@yabumi/queuedir'
import { lockTable, recordsOf, tableBytes } from '@yabumi/tcptable'
import { errorText } from '@yabumi/trouble'

void run('tcpto', async () => {
  let act = 'chdir'
  try {
    process.chdir(homeDirectory())
    act = 'open tcpto'
    become('remote')
    const { fd } = openQueueFile('queue/lock/tcpto', constants.O_RDONLY)
    act = 'lock tcpto'
    await lockTable(fd)
    act = 'read tcpto'
    const table = Buffer.alloc(tableBytes)
    const length = readSync(fd, table, 0, tableBytes, 0)
    closeSync(fd)
    print(timeouts(table.subarray(0, length)))
  } catch (error) {
    print(`fatal: unable to ${act}: ${errorText((error as Error).cause ?? error)}\n`)
    process.exitCode = 111
  }
})

function timeouts(table: Buffer): string {
  const now = nowSeconds()
  return recordsOf(table)
    .filter(({ count }) => count >= 1)
    .map(({ address, count, time }) => `${address} timed out ${Math.max(0, now - time)} seconds ago; # recent timeouts: ${count}\n`)
    .join('')
}

function print(text: string): void {
  if (text !== '') writeSync(1, text)
}
