// Holds the write lock: hold-lock <path> <milliseconds>. Prints "locked" and "released".
import Sqlite from "better-sqlite3";

const [path = "", milliseconds = "0"] = process.argv.slice(2);
const connection = new Sqlite(path);
connection.exec("BEGIN IMMEDIATE");
process.stdout.write("locked\n");
setTimeout(() => {
  connection.exec("COMMIT");
  connection.close();
  process.stdout.write("released\n");
}, Number(milliseconds));
