// Gene symbols that a spreadsheet turned into dates. Repairs are only named, never made: 1-Mar may be MARCHF1 or MTARC1.
// The families renamed for this reason: SEPT → SEPTIN, MARCH → MARCHF, MARC → MTARC, DEC1 → DELEC1 (Bruford et al. 2020).

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const month = `(?:${months.join('|')})`
const excelDate = new RegExp(`^(?:\\d{1,2}-${month}|${month}-\\d{1,2}|4\\d{4}|\\d{4}-\\d{2}-\\d{2})$`, 'i')

export const isExcelDate = (name: string): boolean => excelDate.test(name.trim())

/** Day and month of a date in one of the spellings, or of a spreadsheet's day number (1 = 1900-01-01, counting 29 February 1900). */
function dayAndMonth(name: string): { day: number; month: number } | null {
  const text = name.trim().toLowerCase()
  const words = /^(\d{1,2})-([a-z]{3})$/.exec(text) ?? /^([a-z]{3})-(\d{1,2})$/.exec(text)
  if (words) {
    const [, first = '', second = ''] = words
    const isDayFirst = /^\d/.test(first)
    return { day: Number(isDayFirst ? first : second), month: months.indexOf(isDayFirst ? second : first) + 1 }
  }
  const iso = /^\d{4}-(\d{2})-(\d{2})$/.exec(text)
  if (iso) return { day: Number(iso[2]), month: Number(iso[1]) }
  if (!/^4\d{4}$/.test(text)) return null
  const date = new Date(Date.UTC(1899, 11, 30) + Number(text) * 86_400_000)
  return { day: date.getUTCDate(), month: date.getUTCMonth() + 1 }
}

/** Present symbols that may have become this date; empty when none is known. */
export function dateCandidates(name: string): string[] {
  const found = dayAndMonth(name)
  if (!found) return []
  const { day } = found
  if (found.month === 3) return [...(day >= 1 && day <= 11 ? [`MARCHF${day}`] : []), ...(day <= 2 ? [`MTARC${day}`] : [])]
  if (found.month === 9) return day === 15 ? ['SELENOF'] : day >= 1 && day <= 14 ? [`SEPTIN${day}`] : []
  if (found.month === 12) return day === 1 ? ['DELEC1'] : []
  return []
}
