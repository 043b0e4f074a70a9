// Prints log lines of a level and worse: HOST PORT PASSWORD LEVEL [HOW MANY].
import { connect } from 'switchwire';

const [host, port, password, level, most = Infinity] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
let printed = 0;
fs.on('log', ({ levelName, file, line, text }) => {
  printed += 1;
  if (printed > most) return;
  console.log(`${levelName} ${file}:${line} ${text.trimEnd()}`);
  if (printed >= most) fs.close();
});
await fs.log(Number(level));
