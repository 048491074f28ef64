/**
 * Forget which addresses timed out: overwrite queue/lock/tcpto with NULs, under its lock; silent (spec §8.1, §8.6).
 */
import { openSync, writeSync } from 'node:fs'
import { complain, run } from '@yabumi/commandline'
import { homeDirectory } from '@yabumi/home'
import { lock } from '@yabumi/posix'
import { tableBytes } from '@yabumi/tcptable'
import { errorText } from '@yabumi/trouble'

void run('tcpok', async () => {
  const home = homeDirectory()
  let act = `chdir to ${home}`
  try {
    process.chdir(home)
    act = `chdir to ${home}/queue/lock`
    process.chdir('queue/lock')
    act = `write ${home}/queue/lock/tcpto`
    const fd = openSync('tcpto', 'r+')
    act = `lock ${home}/queue/lock/tcpto`
    await lock(fd, Number.POSITIVE_INFINITY)
    act = `clear ${home}/queue/lock/tcpto`
    writeSync(fd, Buffer.alloc(tableBytes), 0, tableBytes, 0)
  } catch (error) {
    complain(`qmail-tcpok: fatal: unable to ${act}: ${errorText(error)}`)
    process.exitCode = 111
  }
})
