// Starts the window's program.
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './app/App.vue'
import { startTheme } from './app/theme'
import './ui/fonts'
import './ui/tokens.css'
import './ui/base.css'
import './ui/blocks.css'
import './ui/controls.css'

void startTheme()
createApp(App).use(createPinia()).mount('#app')
