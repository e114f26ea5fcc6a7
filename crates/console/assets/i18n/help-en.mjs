// @ts-check
// What goes wrong most often, and why. These texts are long and seldom read, so they are separate from the other words.

/** @type {[string, string, string[]][]} */
export default [
  ['excel', 'Preparing an Excel file', [
    'One row for one record, one row of titles above them. The titles may be your own; at the step Match you choose what they mean.',
    'A report title above, blank rows and a row of totals below do no harm: they are recognised and skipped.',
    'Do not merge cells. A merged cell is filled in its first row only.',
    'It is safest to begin with a template: all of its columns are text.',
  ]],
  ['nik-excel', 'A NIK has become 3.27E+15', [
    'Excel takes a NIK for a number and keeps only its first 15 digits; the last one becomes zero. The lost digits are no longer in the file.',
    'Choose the NIK column, change its format to Text, and type the numbers again from the identity cards.',
    'Do not open a CSV file with NIKs in Excel. Use the Excel template or an .xlsx file.',
  ]],
  ['nol-hp', 'The leading zero of a phone number is lost', [
    'Excel drops zeros in front of numbers: 0812… becomes 812…. Such numbers are restored by the import and marked “look again”.',
    'To avoid it, change the format of the column to Text before typing.',
  ]],
  ['paket-tidak-ditemukan', 'Package not found', [
    'The name of a package in the file has to be the same as in Hijrah, apart from upper and lower case.',
    'At the step Check, choose the package that is meant once; it applies to all rows with the same name and is remembered for the next import.',
    'If the package does not exist yet, import packages first, then check again.',
  ]],
  ['batalkan', 'Rolling back an import', [
    'Until 24 hours after its end an import can be rolled back on its result page. Records that it created are deleted, and records that it updated get back what was there before.',
    'Records that were changed or are used by others are kept, and you are told before.',
    'After 24 hours, delete records one by one under Data.',
  ]],
];
