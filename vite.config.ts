/** The page: static files that work under any sub-path. */
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  build: { target: 'es2023', chunkSizeWarningLimit: 1000 },
  worker: { format: 'es' },
});
