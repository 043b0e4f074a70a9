'use strict';
// The output of `show ITEM as FORMAT` as rows.

function parseShow(format, text) {
  if (format === 'json') {
    const parsed = JSON.parse(text);
    parsed.rows ??= [];
    return parsed;
  }
  return format === 'xml' ? xml(text) : delimited(format, text);
}

function xml(text) {
  const rows = [...text.matchAll(/<row\b[^>]*>([\s\S]*?)<\/row>/g)].map(([, row]) =>
    Object.fromEntries([...row.matchAll(/<([^\s/>]+)(?:\s*\/>|>([\s\S]*?)<\/\1>)/g)].map(([, name, value]) => [name, decode(value ?? '')])));
  return { rowCount: Number.parseInt(/row_count="(\d+)"/.exec(text)?.[1] ?? rows.length, 10), rows };
}

/** `csv`, or `delim |`: a line of names, a line for each row, then a blank one and their count. */
function delimited(format, text) {
  const delimiter = format === 'csv' ? ',' : format.replace('delim ', '');
  const [head, ...lines] = text.split('\n\n')[0].split('\n').filter(Boolean);
  if (head === undefined) return { rowCount: 0, rows: [] };
  const columns = head.split(delimiter);
  const row = (line) => Object.fromEntries(line.split(delimiter).map((value, at) => [columns[at], value]));
  return { rowCount: lines.length, rows: lines.map(row) };
}

function decode(text) {
  return text.replace(/&(lt|gt|quot|apos|amp|#(\d+));/g, (all, name, code) => (code ? String.fromCodePoint(code) : NAMES[name]));
}

const NAMES = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

module.exports = { parseShow };
