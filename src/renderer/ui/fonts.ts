// The two bundled families (both OFL 1.1). Nothing is fetched: the files are part of the build.
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/inter/wght-italic.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
