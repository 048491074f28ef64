/** Which program of the home does the work, with which arguments and environment (spec §8.3). */
import { splitAddress } from '@yabumi/address'
import { becomeProgram } from '@yabumi/child'
import { Trouble } from '@yabumi/trouble'
import { recipientsOf } from './addresses.ts'
import { type Mail, parseOptions, type Request } from './options.ts'

/** Variables as byte strings; changed for the program to come. */
export type Environment = Map<string, string>

/**
 * Become the program that is asked for. The working directory is the home.
 *
 * @param calledAs - `mailq` shows the queue, `newaliases` is refused, any other name is sendmail
 * @throws UsageTrouble, Trouble 5.1.3 for what is no address, 4.3.0 if the program cannot be run
 */
export function sendmail(calledAs: string, args: readonly string[], environment: Environment): void {
  const request: Request = calledAs === 'mailq' ? orQueueList(parseOptions(calledAs, args)) : parseOptions(calledAs, args)
  const isAliases = request.job === 'newaliases' || (request.job === 'inject' && calledAs === 'newaliases')
  if (isAliases) throw new Trouble('5.5.1', 'please use fastforward/newaliases instead')
  if (request.job === 'smtpd') introduceSubmitter(environment)
  if (request.job === 'inject') introducePerson(environment, request)
  becomeProgram({ file: `bin/${request.job}`, args: request.job === 'inject' ? injectArguments(request) : request.args, env: environment })
  throw new Trouble('4.3.0', `unable to run qmail-${request.job}`)
}

function orQueueList(request: Request): Request {
  return request.job === 'inject' ? { job: 'qread', args: [] } : request
}

function injectArguments(mail: Mail): string[] {
  const sender = mail.sender === undefined ? [] : ['-f', mail.sender]
  return [mail.useHeader ? '-H' : '-a', ...sender, '--', ...mail.recipients.flatMap(recipientsOf)]
}

/** The From field follows -f, which therefore also takes away the personal name of -F. The empty sender is no author: then it is who calls. */
function introducePerson(environment: Environment, mail: Mail): void {
  if (mail.name !== undefined) environment.set('MAILNAME', mail.name)
  if (mail.sender === undefined || mail.sender === '') return
  for (const variable of ['QMAILNAME', 'MAILNAME', 'NAME', 'QMAILHOST', 'MAILHOST']) environment.delete(variable)
  const { local, domain } = splitAddress(mail.sender)
  environment.set('QMAILUSER', local)
  if (domain !== undefined) environment.set('QMAILHOST', domain)
}

/** smtpd learns what tcpserver would have told it about a connection from this host, unless somebody has told it already. */
function introduceSubmitter(environment: Environment): void {
  if (environment.has('PROTO')) return
  const told = {
    RELAYCLIENT: '',
    DATABYTES: '0',
    PROTO: 'TCP',
    TCPLOCALIP: '127.0.0.1',
    TCPLOCALHOST: 'localhost',
    TCPREMOTEIP: '127.0.0.1',
    TCPREMOTEHOST: 'localhost',
    TCPREMOTEINFO: 'sendmail-bs',
  }
  for (const [name, value] of Object.entries(told)) environment.set(name, value)
}
