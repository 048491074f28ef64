/**
 * Forget which addresses timed out: overwrite queue/lock/tcpto with NULs, under its lock; silent (spec §8.1, §8.6).
 */
import { accessSync, constants, writeSync } from 'node:fs'
import { calledName, complain, run } from '@yabumi/commandline'
import { become, homeDirectory } from '@yabumi/home'
import { openQueueFile } from '@yabumi/queuedir'
import { lockTable, tableBytes } from '@yabumi/tcptable'
import { errorText } from '@yabumi/trouble'

void run('tcpok', async () => {
  const home = homeDirectory()
  let act = `chdir to ${home}`
  try {
    process.chdir(home)
    act = `chdir to ${home}/queue/lock`
    accessSync('queue/lock/.', constants.X_OK)
    act = `write ${home}/queue/lock/tcpto`
    become('remote')
    const { fd } = openQueueFile('queue/lock/tcpto', constants.O_RDWR)
    act = `lock ${home}/queue/lock/tcpto`
    await lockTable(fd)
    act = `clear ${home}/queue/lock/tcpto`
    writeSync(fd, Buffer.alloc(tableBytes), 0, tableBytes, 0)
  } catch (error) {
    complain(`${calledName('tcpok', 'qmail-tcpok')}: fatal: unable to ${act}: ${errorText((error as Error).cause ?? error)}`)
    process.exitCode = 111
  }
})
