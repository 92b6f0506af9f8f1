import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// The server maps its paths to these entries: / to home.html, /t/{code} to ticket.html and so on.
const pages = ['home', 'kiosk', 'screen', 'screens', 'window', 'manager', 'ticket', 'appointment', 'docs', 'department', 'delivery', 'rating', 'guide', 'admin', 'trust', 'hall', 'city', 'missing']
const entry = (page: string) => fileURLToPath(new URL(`${page}.html`, import.meta.url))

export default defineConfig({
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    // Phones of the last years and the older Chromium of kiosk PCs.
    target: ['chrome87', 'safari14'],
    // No data: URLs and no inline script, so that the strict content policy holds.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: Object.fromEntries(pages.map((page) => [page, entry(page)])),
      // What several pages share comes in one file, not in thirty of one icon each.
      output: { codeSplitting: { groups: [
        // What the phone's page needs comes apart from what only the hall's own pages share: it must load on a slow phone.
        { name: 'vue', test: /node_modules[\\/](vue|@vue|vue-i18n|@intlify)[\\/]|src[\\/]lib[\\/](api|backoff|clock|errors|locale|start)\.ts|components[\\/](LangBar|Ltr|WaitRange|Words|Span|EmptyState)\.vue/, minShareCount: 3 },
        { name: 'icons', test: /@lucide/, minShareCount: 3 },
        { name: 'base', test: /node_modules|src[\\/](lib|components)/, minShareCount: 3 },
      ] } },
    },
    chunkSizeWarningLimit: 600,
  },
})
