import { defineConfig } from "vitest/config";

const server = process.env["PARTWORKS_SERVER"] ?? "http://127.0.0.1:8000";

// The base is relative because the server may sit behind any path; the output goes into the Python
// package, so that a wheel carries it and nobody who installs one needs Node.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../server/static",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0, // a data: URL would need a wider content security policy
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    license: { fileName: "licences.md" },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": server } },
  test: { include: ["tests/**/*.test.ts"] },
});
