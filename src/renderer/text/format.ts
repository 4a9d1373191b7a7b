// Numbers, times and dates as they are read on every page. Pure; British English.
const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 })
const dayAndMonth = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const withYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const hours = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** 24318 → "24,318". */
export const count = (value: number): string => whole.format(value)

/** A number with a fixed number of decimals and a real minus sign. */
export const fixed = (value: number, decimals: number): string => value.toFixed(decimals).replace('-', '−')

/** A share of 1 as per cent: 0.862 → "86.2%". */
export const percent = (share: number, decimals = 1): string => `${fixed(share * 100, decimals)}%`

/** "1 feature", "3 features". */
export const plural = (value: number, one: string, many: string): string => `${count(value)} ${value === 1 ? one : many}`

/** Seconds in words: 8.2 → "9 s", 108 → "1 min 48 s", 4000 → "1 h 7 min". Rounded up, so it never promises too much. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.ceil(seconds))
  if (total < 60) return `${total} s`
  if (total < 3600) return total % 60 === 0 ? `${total / 60} min` : `${Math.floor(total / 60)} min ${total % 60} s`
  return `${Math.floor(total / 3600)} h ${Math.floor((total % 3600) / 60)} min`
}

/** 108 → "1:48". */
export function clock(seconds: number): string {
  const total = Math.max(0, Math.ceil(seconds))
  return `${Math.floor(total / 60)}:${String(total % 60).padStart(2, '0')}`
}

/** Bytes with one decimal in the unit a file manager would use. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  return `${step === 0 ? count(bytes) : fixed(bytes / 1000 ** step, 1)} ${units[step]}`
}

/** An estimate of bytes, to two digits: "700 MB", "1.2 GB". */
export function roughSize(bytes: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, bytes))) - 1)
  return size(Math.round(bytes / step) * step).replace(/(\d\d)\.0(?= )/, '$1')
}

/** Time of day: "14:32". */
export const timeOfDay = (moment: Date): string => hours.format(moment)

/** When something was last opened, relative to `now`: "Today 14:32", "Yesterday 18:05", "14 Nov", "14 Nov 2024". */
export function whenOpened(moment: Date, now: Date): string {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
  if (moment.getTime() >= midnight) return `Today ${hours.format(moment)}`
  if (moment.getTime() >= midnight - 86_400_000) return `Yesterday ${hours.format(moment)}`
  return moment.getFullYear() === now.getFullYear() ? dayAndMonth.format(moment) : withYear.format(moment)
}
