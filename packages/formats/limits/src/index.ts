/**
 * Every limit on what comes from outside, in one place. Units are in the names.
 *
 * A limit that an operator may set has its control file; the value here is its default.
 * What a program answers at the limit is in that program's README.
 */

export * from './acme.ts'
export * from './daily.ts'
export * from './dns.ts'
export * from './logins.ts'
export * from './reports.ts'
export * from './spam.ts'
export * from './tlsout.ts'

/** Largest control file, in bytes; a larger one cannot be read, and says so. */
export const controlBytes = 67_108_864
/** Longest sender or recipient in an envelope, in bytes (spec §2.1). */
export const addressBytes = 1002
/** Longest header that inject takes, in bytes with the line that ends it: a million addresses. The body has no limit. */
export const headerBytes = 33_554_432
/** The same once its addresses are complete, all of it and each field; and all addresses that it sends to. */
export const rewrittenHeaderBytes = 67_108_864
export const rewrittenFieldBytes = 67_108_864
export const headerRecipientBytes = 67_108_864
/** Words, dots and other tokens between two commas of an address field. */
export const addressTokens = 262_144
/** Longest address argument that smtpd takes, in bytes (spec §5.1). */
export const smtpAddressBytes = 899
/** The longest header of a proxy, in bytes, and how long it may take (HAProxy's PROXY protocol). */
export const proxyHeaderBytes = 4_096
export const proxyHeaderSeconds = 5
/** Recipients whom a report of a delay names. */
export const delayRecipients = 100
/** Shortest time in which a message may have to be delivered, in seconds (RFC 2852 §4). */
export const leastDeadlineSeconds = 60
/** Largest chunk that BDAT may announce, in bytes. */
export const smtpChunkBytes = 2_147_483_648
/** Longest SMTP or POP3 command line, in bytes; far above RFC 5321 §4.5.3.1.4 so that no reference client is refused. */
export const commandLineBytes = 65_536
/**
 * Files of each kind that clean keeps for queue to write over, and the longest message among them, in bytes: deliveries get a copy of a message
 * that is not longer, and the file itself of one that is. So both sides must have the same number.
 */
export const spareFiles = 512
export const spareMessageBytes = 65_536
/** Received and Delivered-To lines at which a message is looping, whichever way it comes in (spec §5.1). */
export const hops = 100
/** Delivered-To lines of one user at one domain at which a message is looping: each may double it. As deep as sendmail follows aliases. */
export const deliveriesToOneUser = 10
/** Connections a listening server keeps open at once. */
export const smtpConnections = 2_000
/** The same from one client: an IPv4 address or an IPv6 /64 network; a /56 has twice as many. Loopback as a whole has a share of the total. */
export const smtpConnectionsPerClient = 100
export const popConnections = 200
export const popConnectionsPerClient = 50
/** Part of a server's connections that loopback clients may have, all together. */
export const loopbackShare = 0.9
/** Seconds without a message after which an SMTP session gives way, where smtpd is full and its client has most of the places. */
export const smtpRestSeconds = 30
/** Seconds without a login after which a POP3 client gives way likewise. */
export const popRestSeconds = 45
/** Recipients of one message by SMTP. */
export const smtpRecipients = 50_000
/** Hyphens of a local part at which validrcptto is asked for `user-default`, from the last one on. */
export const smtpExtensions = 64
/** Seconds that smtpd gives a program to check a recipient (RCPTCHECK). */
export const recipientCheckSeconds = 60
/** Seconds that smtpd lets a client wait for each recipient too many (tarpitdelay). */
export const tarpitSeconds = 5
/** Memory for the recipients of all sessions of one smtpd together, and of those of one client. A first recipient always fits. */
export const smtpEnvelopeBytes = 16_777_216
export const smtpEnvelopeBytesPerClient = 4_194_304
/** Replies that smtpd gathers for a client that pipelines, before it waits for the client to read them. */
export const smtpRepliesBytes = 32_768
/** Silence after which an SMTP client is dropped, both ways (spec §3, timeoutsmtpd). */
export const smtpSilenceSeconds = 1_200
/** Times that silence in which a transaction must come to DATA, and a message to its final dot, whatever trickles in. */
export const smtpTransactionTurns = 3
export const smtpMessageTurns = 6
/** Seconds after which sessions are looked at that may take too long. */
export const overdueSeconds = 5
/** Seconds that smtpd waits for the name of its client when the message comes, and keeps what it has heard. */
export const clientNameWaitSeconds = 10
export const clientNameKeepSeconds = 60
/** Names of clients that smtpd remembers. */
export const clientNames = 10_000
/** Seconds that a client whom RBLSMTPD blocks has from its connection to the end, whatever it says. */
export const smtpBlockedSeconds = 60
/** Silence after which a POP3 client is dropped (spec §6.1); before it has logged in, all it has to say must come in that time. */
export const popSilenceSeconds = 1_200
/** Deliveries at once of each channel (control/concurrencylocal, control/concurrencyremote; spec §3). */
export const localDeliveries = 10
export const remoteDeliveries = 20
/** Seconds until deferred mail bounces (control/queuelifetime; spec §3): a week. */
export const queueLifetimeSeconds = 604_800
/** Highest number of deliveries a spawn program takes at once (spec §0.2, conf-spawn). */
export const spawnDeliveries = 120
/** The same with delivery numbers of two bytes; a multiple of 256, so that the greeting cannot be taken for a narrow one. */
export const wideSpawnDeliveries = 65_280
/** Which part of the slots of a channel send keeps for those that hold none: one of so many parts, and at least so many slots. */
export const newcomerShareParts = 5
export const newcomerSlots = 2
/** Milliseconds for which it gives none of these away after one was given back. */
export const newcomerRestMilliseconds = 20
/** Which part of the remote slots it keeps for destinations that answer, and which part bounces and strangers' mail may have. */
export const answeringShareParts = 4
export const doubtfulShareParts = 2
/** Seconds after which a delivery moves to a slot of the second set, of which one user or destination has one of so many parts. */
export const slowDeliverySeconds = 60
export const slowShareParts = 5
/** Seconds for which send keeps who the user of a local part is, and that a domain's network was busy; and how many it keeps. */
export const shareRememberedSeconds = 60
export const rememberedShares = 10_000
/** Longest path, sender or recipient in a command to a spawn program; beyond it the input counts as ended. */
export const spawnFieldBytes = 65_536
/** A delivery report that lspawn passes on (spec §2.4.4), and the cut that makes room for its last line. */
export const localReportBytes = 3_000
export const localReportCutBytes = 2_966
/** A report line that send keeps (spec §2.5.3). */
export const sendReportBytes = 10_000
/** What a remote host may say in one reply before the rest is left out of reports (spec §2.8.2). */
export const remoteTextBytes = 5_000
/** A line of a reply of a remote host, a reply in lines and in bytes; and all replies to one message. RFC 5321 §4.5.3.1.5 has 512 bytes a line. */
export const replyLineBytes = 4_096
export const replyLines = 1_000
export const replyBytes = 65_536
export const attemptReplyBytes = 1_048_576
/** Seconds to connect to a remote host, and to wait for its reply (control/timeoutconnect, control/timeoutremote; spec §3). */
export const smtpConnectSeconds = 60
export const smtpReplySeconds = 1_200
/** Seconds that an attempt to hand a message to a remote host takes up to its final dot (control/timeoutattempt). */
export const attemptSeconds = 600
/** Seconds that a host which refuses DATA is given to answer QUIT, before the refusal counts. */
export const quitSeconds = 5
/** Seconds that a host which did not want to talk is tried after the others of its domain. */
export const reluctantSeconds = 300
/** Connections that rspawn has to one address at once, unless messages would wait long. */
export const connectionsPerAddress = 20
/** Recipients in one SMTP transaction; every host must take 100 (RFC 5321 §4.5.3.1.8). */
export const recipientsPerTransaction = 100
/** Reports of a program in place of remote, in bytes, that are kept. */
export const remoteOutputBytes = 1_048_576
/** Seconds after which queue and a Maildir delivery give up on their message (spec §1.6, DEATH). */
export const deathSeconds = 86_400
/** Age by access time at which an orphaned file may be removed; must exceed deathSeconds (spec §1.6, OSSIFIED). */
export const ossifiedSeconds = 129_600
/** Seconds that a delivery waits for the lock of an mbox (spec §2.7.5). */
export const mboxLockSeconds = 30
/** Seconds that tcpto and tcpok wait for the lock of the table of timeouts. */
export const timeoutTableSeconds = 10
/** Largest frame on the queue socket. */
export const queueFrameBytes = 65_536
/** Connections to the queue socket, all together, and from one account of the system; beyond those of an SMTP server at its own limit. */
export const queueConnections = 4_400
export const queueConnectionsPerAccount = 2_200
/** Parts of these for all other accounts together, and for one of them. */
export const queueUsersShare = 0.5
export const queueUserShare = 0.05
/** Silence in the middle of a message after which a connection to the queue socket gives way to others. */
export const queueRestSeconds = 60
/** Seconds that a submitter waits for a restarting `queue --listen` before it says temporary failure. */
export const queueSocketWaitSeconds = 5
/** Seconds within which recipientd answers, and that smtpd waits for it. */
export const recipientAnswerSeconds = 2
export const recipientWaitSeconds = 5
/** What one account may ask recipientd at once: as much as smtpd has connections. */
export const recipientCallsPerCaller = 2_000
/** Recipients that recipientd finds out about at once, and those that clients of one network have named. */
export const recipientQuestions = 100
export const recipientQuestionsPerNetwork = 25
/** Seconds for which its answers are kept, and how many are. */
export const recipientKeptSeconds = 60
export const recipientsKept = 10_000
/** Processes that look into homes at once, and those that hang in one; the seconds that one has from its start to the look, and for that. */
export const recipientLooks = 4
export const recipientHangingLooks = 16
export const recipientLookStartSeconds = 30
export const recipientLookSeconds = 2
/** Seconds for which nobody looks into a home that did not answer. */
export const recipientSilentHomeSeconds = 600
/**
 * Recipients that do not exist, named by clients of one network within so many seconds: above the first number replies take a pause, above the
 * second one the client hears 421; and networks of which that is kept.
 */
export const unknownRecipientsSlow = 5
export const unknownRecipientsPutOff = 20
export const unknownRecipientSeconds = 600
export const unknownRecipientPauseSeconds = 1
export const unknownRecipientNetworks = 10_000
/** Answers from users/cdb that lspawn keeps until the file changes; a full memory starts anew. */
export const rememberedUsers = 2_000
/** Memory of all local workers together (PSS), in MB, unless an eighth of the machine's is more; idle ones leave for it (control/workermemory). */
export const workerMemoryMegabytes = 512
/** Seconds without a delivery after which a local worker is let go (control/localidle). */
export const localWorkerIdleSeconds = 20
/** Seconds that a worker with deliveries may say nothing before it is asked whether it is there, and then before it is given up. */
export const localWorkerSilenceSeconds = 60
/** Seconds that a delivery waits for what a program left in the background still writes, once everything else is done. */
export const programOutputSeconds = 10
/** Characters of the signature in an SRS sender, and the days for which one is valid (control/srs_hashlength, srs_hashmin, srs_maxage). */
export const srsHashCharacters = 4
export const srsDays = 21
/** Seconds that a user's program may take in a new home (control/programtimeout), and that it has to end once it is told to. */
export const programSeconds = 3_600
export const programTermSeconds = 10
/** Files that a .forward may include, one inside the other. */
export const includeDepth = 10
/** Largest dotfile, in bytes. */
export const dotfileBytes = 1_048_576
/** A list that aliasforward reads for an alias. */
export const aliasListBytes = 16_777_216
/** Seconds that lspawn waits for a look at a home, before mail for that home is deferred at once; how long an answer is believed; how many look at once. */
export const homeLookSeconds = 30
export const homeKnownSeconds = 60
export const homeLooks = 500
/** What one user's programs may put into the log: bytes of a line, beyond which it comes in pieces, and bytes within a minute. */
export const foreignLineBytes = 1_000
export const foreignLogBytes = 10_000
/** What a client has said, in bytes, as it stands in a line of the door's log. */
export const clientWordBytes = 100
/** Lines a minute that clients of smtpd or popup may cause without bringing a message or a right login: of one client, of all, and of one once half of all are used up. */
export const doorLinesPerClient = 60
export const doorLines = 6_000
export const doorLinesWhenMany = 5
/** What the first bytes of a header line must hold of a Message-ID for smtpd to see it. */
export const messageIdLineBytes = 256
/** Longest line, in bytes, that supervise passes on in one piece: send's, with a report in it, fit. */
export const logLineBytes = 65_536
/** What the pipe of a program's log lines holds while supervise rests between two looks at it: 50 MB a second. */
export const logPipeBytes = 1_048_576
/** Pause before supervise starts a program again: the first, doubled each time up to the longest, forgotten after a good while. */
export const superviseFirstPauseSeconds = 0.1
export const superviseLongestPauseSeconds = 10
export const superviseGoodWhileSeconds = 30
/**
 * Seconds that a program has for what is under way when it is told to leave (control/stoptime). Beyond that lspawn has one margin, send three and supervise
 * five: who waits for others hears of their ends. All of it together is less than the 90 s of systemd.
 */
export const stopSeconds = 80
export const stopMarginSeconds = 1
/** Seconds that a client may take for everything it has to say by QMTP or QMQP (spec §3). */
export const netstringConnectionSeconds = 3_600
/** Memory for the recipients of one message by QMTP or QMQP. */
export const netstringEnvelopeBytes = 16_777_216
/** Longest message that qmqpc takes, in bytes: its length must be said before its first byte, so it is held in memory. */
export const qmqpcMessageBytes = 536_870_912
/** Longest address that qmqpc hands on, in bytes; the other host has its own limit. */
export const qmqpcAddressBytes = 1_048_576
/** Seconds that qmqpc gives a server to accept a connection, and then for each step forward (spec §5.4). */
export const qmqpConnectSeconds = 10
export const qmqpSilenceSeconds = 60
/** Seconds that tcp-env waits for an ident server (spec §8.5), and what it takes of its answer, in bytes. */
export const identSeconds = 30
export const identAnswerBytes = 1_000
/** Messages in the queue above which a program that looks at all of them does so in two threads; starting one costs as much as 1,500. */
export const messagesForOneThread = 3_000
/** Memory that smtpd, queue and popup may ask the system for (RLIMIT_DATA), in MiB; Node alone asks for 575, and uses a tenth of it. */
export const serverDataMegabytes = 2_048
/** The most memory that a resident program takes whatever it is sent, in MB of resident set; and a one-shot one. */
export const residentMegabytes = 250
export const oneShotMegabytes = 400
/** Seconds that qhold, qretry and qrm wait for send to answer: as long as a delivery of the message may well take. */
export const queueAnswerSeconds = 5

export * from './facts.ts'
export * from './imapwire.ts'
export * from './mailfolders.ts'
export * from './mime.ts'
export * from './mimeparts.ts'
export * from './servertls.ts'
export * from './vouch.ts'
export * from './web.ts'
