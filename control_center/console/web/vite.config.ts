import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const api = process.env["VEDETTE_API"] ?? "http://127.0.0.1:8760";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    // The page's content security policy allows no data: scripts or fonts, so every asset stays a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", port: 8762, strictPort: true, proxy: { "/api": api } },
  test: { include: ["src/**/*.test.ts"], environment: "node", pool: "threads" },
});
