/**
 * What a person can do about a failure, in a sentence, by its status (RFC 3463).
 *
 * The longest beginning of the status that has a sentence counts. Sentences are UTF-8 in a byte string.
 */
import { statusIn } from '@yabumi/dsn'

export type Language = 'en' | 'ja' | 'de'

const sentences: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en: {
    '5.1.1': 'There is no such mailbox. Look whether the address is spelt right.',
    '5.1.2': 'There is no such domain, or it has no mail. Look whether what follows the @ is spelt right.',
    '5.1': 'Something is wrong with the address. Look whether it is spelt right.',
    '5.2.2': 'The mailbox is full. Its owner has to make room; tell them in another way.',
    '5.2': 'The mailbox takes no mail now. Reach its owner in another way.',
    '5.3.4': 'The message is too large for them. Send less, or a link.',
    '5.4.4': 'No way to that host was found. Look whether the domain is right.',
    '5.4.6': 'The message went round in a circle. The postmaster over there has to mend a forward.',
    '5.6': 'They cannot read the form of the message. Send it as plain text.',
    '5.7.26': 'They say that mail from your domain is not authenticated. Your postmaster can find out why.',
    '5.7': 'They refuse the message for its sender, its content or where it came from. Their words may say why.',
    '4.4': 'Their host did not answer for days. Send it again later.',
    '4': 'They put it off again and again. Send it again later.',
  },
  ja: {
    '5.1.1': 'その宛先のメールボックスはありません。アドレスの綴りを確かめてください。',
    '5.1.2': 'そのドメインは存在しないか、メールを受け取りません。@ より後の綴りを確かめてください。',
    '5.1': 'アドレスに誤りがあります。綴りを確かめてください。',
    '5.2.2': '相手のメールボックスがいっぱいです。別の方法で相手に知らせてください。',
    '5.2': '相手のメールボックスは今メールを受け取れません。別の方法で連絡してください。',
    '5.3.4': 'メールが大きすぎます。小さくするか、リンクを送ってください。',
    '5.4.4': '相手のサーバーへの経路が見つかりません。ドメインを確かめてください。',
    '5.4.6': 'メールが循環しています。相手側の管理者が転送設定を直す必要があります。',
    '5.6': '相手はこの形式のメールを読めません。プレーンテキストで送ってください。',
    '5.7.26': '相手は、あなたのドメインからのメールを認証できないと言っています。管理者に相談してください。',
    '5.7': '差出人、内容、または送信元のために拒否されました。理由は相手の返答にあるかもしれません。',
    '4.4': '相手のサーバーが何日も応答しませんでした。後でもう一度送ってください。',
    '4': '相手が受け取りを延ばし続けました。後でもう一度送ってください。',
  },
  de: {
    '5.1.1': 'Dieses Postfach gibt es nicht. Bitte die Schreibweise der Adresse prüfen.',
    '5.1.2': 'Diese Domain gibt es nicht, oder sie nimmt keine Post an. Bitte prüfen, was nach dem @ steht.',
    '5.1': 'Mit der Adresse stimmt etwas nicht. Bitte die Schreibweise prüfen.',
    '5.2.2': 'Das Postfach ist voll. Bitte den Empfänger auf anderem Weg verständigen.',
    '5.2': 'Das Postfach nimmt zurzeit nichts an. Bitte den Empfänger auf anderem Weg verständigen.',
    '5.3.4': 'Die Nachricht ist dort zu groß. Bitte weniger schicken, oder einen Link.',
    '5.4.4': 'Zu diesem Rechner führt kein Weg. Bitte die Domain prüfen.',
    '5.4.6': 'Die Nachricht lief im Kreis. Der Postmaster dort muss eine Weiterleitung richten.',
    '5.6': 'Die Form der Nachricht ist dort nicht lesbar. Bitte als reinen Text schicken.',
    '5.7.26': 'Dort heißt es, Post von Ihrer Domain sei nicht beglaubigt. Ihr Postmaster kann den Grund finden.',
    '5.7': 'Abgelehnt wegen Absender, Inhalt oder Herkunft. Den Grund nennt vielleicht die Antwort von dort.',
    '4.4': 'Der Rechner dort hat tagelang nicht geantwortet. Bitte später noch einmal schicken.',
    '4': 'Die Annahme wurde immer wieder verschoben. Bitte später noch einmal schicken.',
  },
}

/** The languages of a line with commas or blanks between; one that is not known is passed over. */
export function readLanguages(line: string): readonly Language[] {
  const names = new Set(line.toLowerCase().split(/[\s,]+/))
  return [...names].filter((name): name is Language => Object.hasOwn(sentences, name))
}

/** A sentence in each language for a report that names a status; none for one that does not. */
export function adviceFor(report: string, languages: readonly Language[]): string[] {
  const status = statusIn(report)
  if (status === undefined) return []
  const parts = status.split('.')
  return languages.flatMap((language) => {
    const known = [3, 2, 1].map((count) => sentences[language][parts.slice(0, count).join('.')]).find((sentence) => sentence !== undefined)
    return known === undefined ? [] : [Buffer.from(known, 'utf8').toString('latin1')]
  })
}
