/**
 * getpw: say which account receives mail for a local part that users/cdb does not know (spec §7.4). README.md is the
 * manual page.
 */
import { byteArguments } from '@yabumi/commandline'
import { writeAll } from '@yabumi/files'
import { homeDirectory } from '@yabumi/home'
import { LookupTrouble, Users } from '@yabumi/users'

const noArgument = 100
const trouble = 111

async function getpw(): Promise<number> {
  const [local] = byteArguments()
  if (local === undefined) return noArgument
  try {
    const { user, uid, gid, home, dash, extension } = await new Users(homeDirectory()).findAccount(local)
    write(Buffer.from([user, uid, gid, home, dash, extension].map((field) => `${field}\0`).join(''), 'latin1'))
    return 0
  } catch (error) {
    return error instanceof LookupTrouble ? error.exit : trouble
  }
}

function write(bytes: Buffer): void {
  writeAll(1, bytes)
}

void getpw().then((code) => {
  process.exitCode = code
})
