/** Bodies of parts, encoded as they come (RFC 2045 §6.7, §6.8). Texts are byte strings. */

/** Encodes the body of one part. */
export interface BodyEncoder {
  /** @param fragment - of a line, in order */
  push(fragment: string): string
  /** The part ends. @param before - a boundary follows, whose line end is no part of the body */
  end(before: boolean): string
}

const longestLine = 76

export class QuotedPrintable implements BodyEncoder {
  #column = 0
  /** A blank or tab, or a CR, that may be the last of its line. */
  #held = ''

  push(fragment: string): string {
    let out = ''
    for (const byte of fragment) {
      if (byte === '\n') {
        if (this.#held !== '' && this.#held !== '\r') out += this.#put(escaped(this.#held))
        out += '\n'
        this.#held = ''
        this.#column = 0
        continue
      }
      if (this.#held !== '') out += this.#put(this.#held === '\r' ? '=0D' : this.#held)
      this.#held = byte === ' ' || byte === '\t' || byte === '\r' ? byte : ''
      if (this.#held === '') out += this.#put(/[!-<>-~]/.test(byte) ? byte : escaped(byte))
    }
    return out
  }

  end(): string {
    const held = this.#held === '' ? '' : this.#put(escaped(this.#held))
    this.#held = ''
    this.#column = 0
    return held
  }

  #put(text: string): string {
    const breaks = this.#column + text.length >= longestLine
    this.#column = breaks ? text.length : this.#column + text.length
    return breaks ? `=\n${text}` : text
  }
}

function escaped(byte: string): string {
  return `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

const bytesPerLine = 57

export class Base64 implements BodyEncoder {
  #bytes = ''
  /** A line end that may belong to a boundary. */
  #held = ''

  push(fragment: string): string {
    const text = this.#held + fragment
    this.#held = /\r?\n?$/.exec(text)?.[0] ?? ''
    this.#bytes += text.slice(0, text.length - this.#held.length).replace(/\r?\n/g, '\r\n')
    let out = ''
    let at = 0
    for (; at + bytesPerLine <= this.#bytes.length; at += bytesPerLine) out += `${encode(this.#bytes.slice(at, at + bytesPerLine))}\n`
    this.#bytes = this.#bytes.slice(at)
    return out
  }

  end(before: boolean): string {
    const rest = this.#bytes + (before ? this.#held.replace(/\r?\n$/, '') : this.#held.replace(/\r?\n/, '\r\n'))
    this.#bytes = ''
    this.#held = ''
    return rest === '' ? '' : `${encode(rest).replace(/.{76}(?=.)/g, '$&\n')}\n`
  }
}

function encode(text: string): string {
  return Buffer.from(text, 'latin1').toString('base64')
}

/** A body that is quoted-printable already, but for some bytes. */
export class QuotedHigh implements BodyEncoder {
  push(fragment: string): string {
    return fragment.replace(/[\x80-\xff]/g, escaped)
  }

  end(): string {
    return ''
  }
}

/** A body that is base64 already: what is not of its alphabet has no meaning there. */
export class Base64Only implements BodyEncoder {
  push(fragment: string): string {
    return fragment.replace(/[\x80-\xff]/g, '')
  }

  end(): string {
    return ''
  }
}
