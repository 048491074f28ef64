/** See a transaction through by QMTP: one package over a connection of its own, and each recipient's own answer. */
import { deadlineFor, openSocket, recipientReport, type Settings, securityFor, sendByQmtp, texts, type Way } from '@yabumi/smtpclient'
import { conclude, type Transaction } from './transaction.ts'

/** @returns the report on every delivery that has not been reported on */
export async function carryByQmtp(transaction: Transaction, plain: Way, settings: Settings): Promise<string> {
  const way = { ...plain, security: securityFor(transaction.facts, plain.security) }
  const deadline = deadlineFor(settings)
  const made = await openSocket(way, settings, deadline)
  if (typeof made === 'string') return made
  const { socket, address } = made
  const deliveries = transaction.takeAll()
  const mail = {
    sender: transaction.sender,
    facts: transaction.facts,
    recipients: deliveries.map(({ local, domain }) => `${local}@${domain}`),
    fd: deliveries[0]?.content as number,
  }
  const { answers, trouble } = await sendByQmtp(socket, address, mail, settings.silenceSeconds, deadline)
  for (const [index, delivery] of deliveries.entries()) {
    const answer = answers[index]
    if (answer === undefined) conclude(delivery, trouble ?? texts.systemTrouble)
    else conclude(delivery, recipientReport(answer, address), summary(answer.letter, answer.text, address))
  }
  return texts.systemTrouble
}

function summary(letter: string, text: string, address: string): string {
  return letter === 'K' ? texts.accepted(address, text) : texts.noRecipient(address)
}
