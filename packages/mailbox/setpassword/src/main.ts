/**
 * Store a password for checkpassword: `setpassword LOGIN [--apop] < secret`; or take a login away:
 * `setpassword --remove LOGIN`.
 *
 * In       descriptor 0: the password is the first line, without its line end
 * Out      the passwords of the home (package password), by authd where it runs; one line on descriptor 2 says what was
 *          stored
 * Exit     0 stored, safe on disk; 100 a login or password that cannot be; 111 could not be stored, nothing changed
 */
import { commandLine, complain, run } from '@yabumi/commandline'
import { enterHome } from '@yabumi/home'
import { loginTrouble, passwordPath, passwordTrouble } from '@yabumi/password'
import { Trouble } from '@yabumi/trouble'
import { readSecret } from './secret.ts'
import { removeLogin, storePassword } from './store.ts'

void run('setpassword', async () => {
  const command = await commandLine('setpassword', 'LOGIN [--apop] < secret')
  const { _, apop, remove } = command
    .option('apop', { type: 'boolean', default: false, describe: 'also keep the password itself, which APOP needs' })
    .option('remove', { type: 'boolean', default: false, describe: 'take the login away, and those of its apps' })
    .demandCommand(1, 1, 'name the login', 'one login at a time')
    .epilogue('The password is the first line of descriptor 0. It is stored in state/auth/passwords of the home, or users/passwords.')
    .parseSync()
  const login = Buffer.from(String(_[0]), 'utf8').toString('latin1')
  refuse(loginTrouble(login))
  const home = enterHome()
  if (remove) {
    await removeLogin(login)
    complain(`setpassword: ${login} cannot log in any more`)
    return
  }
  const secret = readSecret(login)
  refuse(passwordTrouble(secret))
  await storePassword(login, secret, apop)
  complain(
    `setpassword: stored for ${login} in ${home}/${passwordPath('.')}${apop ? ', also in the recoverable form that APOP needs' : ''}`,
  )
})

function refuse(trouble: string | undefined): void {
  if (trouble !== undefined) throw new Trouble('5.3.5', trouble)
}
