import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

export interface SignIn {
  login: string;
  password: string;
}

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    /** The demo's sign-ins by role. */
    signIns: Record<string, SignIn>;
  }
}

const binary = resolve(import.meta.dirname, "../..", process.env.MUSTER_BIN ?? "bin/muster");

/** How long the demo's stations may take on a slow machine. */
const PATIENCE_MS = 300_000;

/** Starts the demo provider in a fresh directory, and ends it with the tests. */
export default async function startDemo(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), "muster-e2e-"));
  const port = await freePort();
  const demo = spawn(
    binary,
    ["demo", "--dir", join(folder, "demo"), "--set", `http.listen=127.0.0.1:${port}`],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const stop = () => {
    demo.kill("SIGTERM");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const output = await untilServing(demo, `http://127.0.0.1:${port}`);
    project.provide("url", `http://127.0.0.1:${port}`);
    project.provide("signIns", signInsOf(output));
  } catch (cause) {
    stop();
    throw cause;
  }
  return stop;
}

/** A port that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" && address ? address.port : 0));
    });
  });
}

/** What the demo wrote until it said that it serves. */
function untilServing(demo: ChildProcess, url: string): Promise<string> {
  return new Promise((done, failed) => {
    let output = "";
    const timer = setTimeout(() => failed(new Error(`the demo does not serve yet:\n${output}`)), PATIENCE_MS);
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes(url)) {
        clearTimeout(timer);
        done(output);
      }
    };
    demo.stdout?.on("data", hear);
    demo.stderr?.on("data", hear);
    demo.once("error", failed);
    demo.once("exit", (code) => failed(new Error(`the demo ended with ${code}:\n${output}`)));
  });
}

/** Reads the sign-ins from the demo's summary: lines of role, login and password. */
export function signInsOf(summary: string): Record<string, SignIn> {
  const roles = ["admin", "manager", "planner", "team_leader", "finance", "client", "agent"];
  const found: Record<string, SignIn> = {};
  for (const line of summary.split("\n")) {
    const [role, login, password] = line.trim().split(/\s+/);
    if (role && login && password && roles.includes(role)) found[role] ??= { login, password };
  }
  return found;
}
