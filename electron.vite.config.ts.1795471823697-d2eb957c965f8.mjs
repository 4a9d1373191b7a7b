import "node:module";
import { dirname, join, resolve } from "node:path";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "electron-vite";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import compiler from "assemblyscript/asc";
// tools/kernel/compile.mjs
/** From the kernel's folder. */
const cachePath = "../../../../node_modules/.cache/latiscope/kernel";
const options = [
	"index.ts",
	...[
		"--outFile",
		"kernel.wasm",
		"--runtime",
		"stub",
		"--use",
		"abort="
	],
	...[
		"--importMemory",
		"--sharedMemory",
		"--initialMemory",
		"1",
		"--maximumMemory",
		"65536"
	],
	...[
		"--enable",
		"simd",
		"--enable",
		"threads",
		"--optimizeLevel",
		"3",
		"--converge",
		"--noAssert"
	]
];
/**
* @param {string} folder of the sources: a configuration that is bundled itself does not know where this file was
* @returns {Promise<Uint8Array>} the WebAssembly module
*/
async function compileKernel(folder) {
	const cache = join(folder, cachePath);
	const hash = createHash("sha256").update(`${compiler.version} ${options.join(" ")}`);
	for (const name of sourceNames(folder)) hash.update(name).update(readFileSync(join(folder, name)));
	const cached = join(cache, `${hash.digest("hex").slice(0, 32)}.wasm`);
	try {
		return readFileSync(cached);
	} catch {
		const bytes = await compile(folder);
		mkdirSync(cache, { recursive: true });
		const part = `${cached}.${process.pid}`;
		writeFileSync(part, bytes);
		renameSync(part, cached);
		return bytes;
	}
}
const sourceNames = (folder) => readdirSync(folder).filter((name) => name.endsWith(".ts")).sort();
/** @param {string} folder */
async function compile(folder) {
	/** @type {Uint8Array | null} */
	let bytes = null;
	const { error, stderr } = await compiler.main(options, {
		readFile: (name, base) => readText(resolve(folder, base, name)),
		writeFile: (name, contents) => {
			if (name === "kernel.wasm" && typeof contents !== "string") bytes = contents;
		},
		listFiles: (name, base) => listFolder(resolve(folder, base, name))
	});
	if (error || bytes === null) throw new Error(`The kernel does not compile: ${error?.message ?? ""}\n${stderr.toString()}`);
	return bytes;
}
/** @param {string} path */
function readText(path) {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return null;
	}
}
/** @param {string} path */
function listFolder(path) {
	try {
		return readdirSync(path);
	} catch {
		return [];
	}
}
const marker = "\0latiscope-kernel:";
/** Plugin for Vite: the module behind `kernel.wasm` holds the compiled bytes, so that no file has to be found at run time. */
function kernelPlugin() {
	return {
		name: "latiscope-kernel",
		enforce: "pre",
		/** @param {string} id @param {string | undefined} importer */
		resolveId: (id, importer = "") => id.endsWith("/kernel/kernel.wasm") ? marker + dirname(resolve(dirname(importer), id)) : null,
		/** @param {string} id */
		async load(id) {
			if (!id.startsWith(marker)) return null;
			const bytes = await compileKernel(id.slice(18));
			return `export const kernelBytes = Buffer.from('${Buffer.from(bytes).toString("base64")}', 'base64')`;
		}
	};
}
// electron.vite.config.ts
const alias = { "@contract": resolve("src/preload/contract/index.ts") };
var electron_vite_config_default = defineConfig({
	main: {
		resolve: { alias },
		plugins: [kernelPlugin()],
		build: {
			target: "node20",
			minify: false,
			rollupOptions: {
				input: {
					index: resolve("src/main/shell/index.ts"),
					engine: resolve("src/main/engine/entry.ts"),
					trainer: resolve("src/main/trainer/entry.ts"),
					reader: resolve("src/main/engine/reader/entry.ts"),
					sorter: resolve("src/main/engine/scratch/sorter-thread-entry.ts"),
					cli: resolve("src/main/cli.ts")
				},
				output: {
					entryFileNames: "[name].js",
					chunkFileNames: "chunks/[name]-[hash].js"
				}
			}
		}
	},
	preload: {
		resolve: { alias },
		build: {
			target: "node20",
			externalizeDeps: false,
			rollupOptions: {
				input: { index: resolve("src/preload/index.ts") },
				output: {
					format: "cjs",
					entryFileNames: "[name].cjs"
				}
			}
		}
	},
	renderer: {
		root: "src/renderer",
		resolve: { alias },
		plugins: [vue()],
		build: {
			target: "chrome130",
			minify: true,
			assetsInlineLimit: 0,
			chunkSizeWarningLimit: 700,
			rollupOptions: { input: resolve("src/renderer/index.html") }
		}
	}
});
export { electron_vite_config_default as default };

//# sourceMappingURL=data:application/json;charset=utf-8;base64,eyJ2ZXJzaW9uIjozLCJmaWxlIjoiZWxlY3Ryb24udml0ZS5jb25maWcuanMiLCJuYW1lcyI6W10sInNvdXJjZXMiOlsiL3RtcC93dC93aW4tbGluay90b29scy9rZXJuZWwvY29tcGlsZS5tanMiLCIvdG1wL3d0L3dpbi1saW5rL2VsZWN0cm9uLnZpdGUuY29uZmlnLnRzIl0sInNvdXJjZXNDb250ZW50IjpbIi8vIENvbXBpbGVzIHRoZSBrZXJuZWwgKEFzc2VtYmx5U2NyaXB0KSB0byBXZWJBc3NlbWJseSwgb25jZSBwZXIgc3RhdGUgb2YgaXRzIHNvdXJjZXMsIGFuZCBvZmZlcnMgaXQgdG8gYnVuZGxlczogdGhlIGFwcCxcbi8vIHRoZSB0ZXN0cyBhbmQgdGhlIGJlbmNobWFya3MgYWxsIGdldCB0aGUgYnl0ZXMgdGhyb3VnaCBgaW1wb3J0IHsga2VybmVsQnl0ZXMgfSBmcm9tICcuL2tlcm5lbC9rZXJuZWwud2FzbSdgLlxuaW1wb3J0IHsgY3JlYXRlSGFzaCB9IGZyb20gJ25vZGU6Y3J5cHRvJ1xuaW1wb3J0IHsgbWtkaXJTeW5jLCByZWFkZGlyU3luYywgcmVhZEZpbGVTeW5jLCByZW5hbWVTeW5jLCB3cml0ZUZpbGVTeW5jIH0gZnJvbSAnbm9kZTpmcydcbmltcG9ydCB7IGRpcm5hbWUsIGpvaW4sIHJlc29sdmUgfSBmcm9tICdub2RlOnBhdGgnXG5pbXBvcnQgY29tcGlsZXIgZnJvbSAnYXNzZW1ibHlzY3JpcHQvYXNjJ1xuXG4vKiogRnJvbSB0aGUga2VybmVsJ3MgZm9sZGVyLiAqL1xuY29uc3QgY2FjaGVQYXRoID0gJy4uLy4uLy4uLy4uL25vZGVfbW9kdWxlcy8uY2FjaGUvbGF0aXNjb3BlL2tlcm5lbCdcblxuY29uc3Qgb3B0aW9ucyA9IFtcbiAgJ2luZGV4LnRzJyxcbiAgLi4uWyctLW91dEZpbGUnLCAna2VybmVsLndhc20nLCAnLS1ydW50aW1lJywgJ3N0dWInLCAnLS11c2UnLCAnYWJvcnQ9J10sXG4gIC4uLlsnLS1pbXBvcnRNZW1vcnknLCAnLS1zaGFyZWRNZW1vcnknLCAnLS1pbml0aWFsTWVtb3J5JywgJzEnLCAnLS1tYXhpbXVtTWVtb3J5JywgJzY1NTM2J10sXG4gIC4uLlsnLS1lbmFibGUnLCAnc2ltZCcsICctLWVuYWJsZScsICd0aHJlYWRzJywgJy0tb3B0aW1pemVMZXZlbCcsICczJywgJy0tY29udmVyZ2UnLCAnLS1ub0Fzc2VydCddLFxuXVxuXG4vKipcbiAqIEBwYXJhbSB7c3RyaW5nfSBmb2xkZXIgb2YgdGhlIHNvdXJjZXM6IGEgY29uZmlndXJhdGlvbiB0aGF0IGlzIGJ1bmRsZWQgaXRzZWxmIGRvZXMgbm90IGtub3cgd2hlcmUgdGhpcyBmaWxlIHdhc1xuICogQHJldHVybnMge1Byb21pc2U8VWludDhBcnJheT59IHRoZSBXZWJBc3NlbWJseSBtb2R1bGVcbiAqL1xuZXhwb3J0IGFzeW5jIGZ1bmN0aW9uIGNvbXBpbGVLZXJuZWwoZm9sZGVyKSB7XG4gIGNvbnN0IGNhY2hlID0gam9pbihmb2xkZXIsIGNhY2hlUGF0aClcbiAgY29uc3QgaGFzaCA9IGNyZWF0ZUhhc2goJ3NoYTI1NicpLnVwZGF0ZShgJHtjb21waWxlci52ZXJzaW9ufSAke29wdGlvbnMuam9pbignICcpfWApXG4gIGZvciAoY29uc3QgbmFtZSBvZiBzb3VyY2VOYW1lcyhmb2xkZXIpKSBoYXNoLnVwZGF0ZShuYW1lKS51cGRhdGUocmVhZEZpbGVTeW5jKGpvaW4oZm9sZGVyLCBuYW1lKSkpXG4gIGNvbnN0IGNhY2hlZCA9IGpvaW4oY2FjaGUsIGAke2hhc2guZGlnZXN0KCdoZXgnKS5zbGljZSgwLCAzMil9Lndhc21gKVxuICB0cnkge1xuICAgIHJldHVybiByZWFkRmlsZVN5bmMoY2FjaGVkKVxuICB9IGNhdGNoIHtcbiAgICBjb25zdCBieXRlcyA9IGF3YWl0IGNvbXBpbGUoZm9sZGVyKVxuICAgIG1rZGlyU3luYyhjYWNoZSwgeyByZWN1cnNpdmU6IHRydWUgfSlcbiAgICBjb25zdCBwYXJ0ID0gYCR7Y2FjaGVkfS4ke3Byb2Nlc3MucGlkfWBcbiAgICB3cml0ZUZpbGVTeW5jKHBhcnQsIGJ5dGVzKVxuICAgIHJlbmFtZVN5bmMocGFydCwgY2FjaGVkKVxuICAgIHJldHVybiBieXRlc1xuICB9XG59XG5cbmNvbnN0IHNvdXJjZU5hbWVzID0gKC8qKiBAdHlwZSB7c3RyaW5nfSAqLyBmb2xkZXIpID0+XG4gIHJlYWRkaXJTeW5jKGZvbGRlcilcbiAgICAuZmlsdGVyKChuYW1lKSA9PiBuYW1lLmVuZHNXaXRoKCcudHMnKSlcbiAgICAuc29ydCgpXG5cbi8qKiBAcGFyYW0ge3N0cmluZ30gZm9sZGVyICovXG5hc3luYyBmdW5jdGlvbiBjb21waWxlKGZvbGRlcikge1xuICAvKiogQHR5cGUge1VpbnQ4QXJyYXkgfCBudWxsfSAqL1xuICBsZXQgYnl0ZXMgPSBudWxsXG4gIGNvbnN0IHsgZXJyb3IsIHN0ZGVyciB9ID0gYXdhaXQgY29tcGlsZXIubWFpbihvcHRpb25zLCB7XG4gICAgcmVhZEZpbGU6IChuYW1lLCBiYXNlKSA9PiByZWFkVGV4dChyZXNvbHZlKGZvbGRlciwgYmFzZSwgbmFtZSkpLFxuICAgIHdyaXRlRmlsZTogKG5hbWUsIGNvbnRlbnRzKSA9PiB7XG4gICAgICBpZiAobmFtZSA9PT0gJ2tlcm5lbC53YXNtJyAmJiB0eXBlb2YgY29udGVudHMgIT09ICdzdHJpbmcnKSBieXRlcyA9IGNvbnRlbnRzXG4gICAgfSxcbiAgICBsaXN0RmlsZXM6IChuYW1lLCBiYXNlKSA9PiBsaXN0Rm9sZGVyKHJlc29sdmUoZm9sZGVyLCBiYXNlLCBuYW1lKSksXG4gIH0pXG4gIGlmIChlcnJvciB8fCBieXRlcyA9PT0gbnVsbCkgdGhyb3cgbmV3IEVycm9yKGBUaGUga2VybmVsIGRvZXMgbm90IGNvbXBpbGU6ICR7ZXJyb3I/Lm1lc3NhZ2UgPz8gJyd9XFxuJHtzdGRlcnIudG9TdHJpbmcoKX1gKVxuICByZXR1cm4gYnl0ZXNcbn1cblxuLyoqIEBwYXJhbSB7c3RyaW5nfSBwYXRoICovXG5mdW5jdGlvbiByZWFkVGV4dChwYXRoKSB7XG4gIHRyeSB7XG4gICAgcmV0dXJuIHJlYWRGaWxlU3luYyhwYXRoLCAndXRmOCcpXG4gIH0gY2F0Y2gge1xuICAgIHJldHVybiBudWxsXG4gIH1cbn1cblxuLyoqIEBwYXJhbSB7c3RyaW5nfSBwYXRoICovXG5mdW5jdGlvbiBsaXN0Rm9sZGVyKHBhdGgpIHtcbiAgdHJ5IHtcbiAgICByZXR1cm4gcmVhZGRpclN5bmMocGF0aClcbiAgfSBjYXRjaCB7XG4gICAgcmV0dXJuIFtdXG4gIH1cbn1cblxuY29uc3QgbWFya2VyID0gJ1xcMGxhdGlzY29wZS1rZXJuZWw6J1xuXG4vKiogUGx1Z2luIGZvciBWaXRlOiB0aGUgbW9kdWxlIGJlaGluZCBga2VybmVsLndhc21gIGhvbGRzIHRoZSBjb21waWxlZCBieXRlcywgc28gdGhhdCBubyBmaWxlIGhhcyB0byBiZSBmb3VuZCBhdCBydW4gdGltZS4gKi9cbmV4cG9ydCBmdW5jdGlvbiBrZXJuZWxQbHVnaW4oKSB7XG4gIHJldHVybiB7XG4gICAgbmFtZTogJ2xhdGlzY29wZS1rZXJuZWwnLFxuICAgIGVuZm9yY2U6IC8qKiBAdHlwZSB7Y29uc3R9ICovICgncHJlJyksXG4gICAgLyoqIEBwYXJhbSB7c3RyaW5nfSBpZCBAcGFyYW0ge3N0cmluZyB8IHVuZGVmaW5lZH0gaW1wb3J0ZXIgKi9cbiAgICByZXNvbHZlSWQ6IChpZCwgaW1wb3J0ZXIgPSAnJykgPT5cbiAgICAgIGlkLmVuZHNXaXRoKCcva2VybmVsL2tlcm5lbC53YXNtJykgPyBtYXJrZXIgKyBkaXJuYW1lKHJlc29sdmUoZGlybmFtZShpbXBvcnRlciksIGlkKSkgOiBudWxsLFxuICAgIC8qKiBAcGFyYW0ge3N0cmluZ30gaWQgKi9cbiAgICBhc3luYyBsb2FkKGlkKSB7XG4gICAgICBpZiAoIWlkLnN0YXJ0c1dpdGgobWFya2VyKSkgcmV0dXJuIG51bGxcbiAgICAgIGNvbnN0IGJ5dGVzID0gYXdhaXQgY29tcGlsZUtlcm5lbChpZC5zbGljZShtYXJrZXIubGVuZ3RoKSlcbiAgICAgIHJldHVybiBgZXhwb3J0IGNvbnN0IGtlcm5lbEJ5dGVzID0gQnVmZmVyLmZyb20oJyR7QnVmZmVyLmZyb20oYnl0ZXMpLnRvU3RyaW5nKCdiYXNlNjQnKX0nLCAnYmFzZTY0JylgXG4gICAgfSxcbiAgfVxufVxuIiwiLy8gSG93IHRoZSB0aHJlZSBwYXJ0cyBvZiB0aGUgYXBwIGFyZSBidWlsdC4gVGhlIHRhcmdldCBpcyB0aGUgb2xkZXIgb2YgdGhlIHR3byBFbGVjdHJvbnMgdGhlIGJ1aWxkIG11c3QgcnVuIG9uLlxuaW1wb3J0IHsgcmVzb2x2ZSB9IGZyb20gJ25vZGU6cGF0aCdcbmltcG9ydCB2dWUgZnJvbSAnQHZpdGVqcy9wbHVnaW4tdnVlJ1xuaW1wb3J0IHsgZGVmaW5lQ29uZmlnIH0gZnJvbSAnZWxlY3Ryb24tdml0ZSdcbmltcG9ydCB7IGtlcm5lbFBsdWdpbiB9IGZyb20gJy4vdG9vbHMva2VybmVsL2NvbXBpbGUubWpzJ1xuXG5jb25zdCBhbGlhcyA9IHsgJ0Bjb250cmFjdCc6IHJlc29sdmUoJ3NyYy9wcmVsb2FkL2NvbnRyYWN0L2luZGV4LnRzJykgfVxuXG5leHBvcnQgZGVmYXVsdCBkZWZpbmVDb25maWcoe1xuICBtYWluOiB7XG4gICAgcmVzb2x2ZTogeyBhbGlhcyB9LFxuICAgIHBsdWdpbnM6IFtrZXJuZWxQbHVnaW4oKV0sXG4gICAgYnVpbGQ6IHtcbiAgICAgIHRhcmdldDogJ25vZGUyMCcsXG4gICAgICBtaW5pZnk6IGZhbHNlLFxuICAgICAgcm9sbHVwT3B0aW9uczoge1xuICAgICAgICBpbnB1dDoge1xuICAgICAgICAgIGluZGV4OiByZXNvbHZlKCdzcmMvbWFpbi9zaGVsbC9pbmRleC50cycpLFxuICAgICAgICAgIGVuZ2luZTogcmVzb2x2ZSgnc3JjL21haW4vZW5naW5lL2VudHJ5LnRzJyksXG4gICAgICAgICAgdHJhaW5lcjogcmVzb2x2ZSgnc3JjL21haW4vdHJhaW5lci9lbnRyeS50cycpLFxuICAgICAgICAgIHJlYWRlcjogcmVzb2x2ZSgnc3JjL21haW4vZW5naW5lL3JlYWRlci9lbnRyeS50cycpLFxuICAgICAgICAgIHNvcnRlcjogcmVzb2x2ZSgnc3JjL21haW4vZW5naW5lL3NjcmF0Y2gvc29ydGVyLXRocmVhZC1lbnRyeS50cycpLFxuICAgICAgICAgIGNsaTogcmVzb2x2ZSgnc3JjL21haW4vY2xpLnRzJyksXG4gICAgICAgIH0sXG4gICAgICAgIG91dHB1dDogeyBlbnRyeUZpbGVOYW1lczogJ1tuYW1lXS5qcycsIGNodW5rRmlsZU5hbWVzOiAnY2h1bmtzL1tuYW1lXS1baGFzaF0uanMnIH0sXG4gICAgICB9LFxuICAgIH0sXG4gIH0sXG4gIHByZWxvYWQ6IHtcbiAgICByZXNvbHZlOiB7IGFsaWFzIH0sXG4gICAgYnVpbGQ6IHtcbiAgICAgIHRhcmdldDogJ25vZGUyMCcsXG4gICAgICBleHRlcm5hbGl6ZURlcHM6IGZhbHNlLFxuICAgICAgcm9sbHVwT3B0aW9uczoge1xuICAgICAgICBpbnB1dDogeyBpbmRleDogcmVzb2x2ZSgnc3JjL3ByZWxvYWQvaW5kZXgudHMnKSB9LFxuICAgICAgICBvdXRwdXQ6IHsgZm9ybWF0OiAnY2pzJywgZW50cnlGaWxlTmFtZXM6ICdbbmFtZV0uY2pzJyB9LFxuICAgICAgfSxcbiAgICB9LFxuICB9LFxuICByZW5kZXJlcjoge1xuICAgIHJvb3Q6ICdzcmMvcmVuZGVyZXInLFxuICAgIHJlc29sdmU6IHsgYWxpYXMgfSxcbiAgICBwbHVnaW5zOiBbdnVlKCldLFxuICAgIGJ1aWxkOiB7XG4gICAgICB0YXJnZXQ6ICdjaHJvbWUxMzAnLFxuICAgICAgbWluaWZ5OiB0cnVlLFxuICAgICAgYXNzZXRzSW5saW5lTGltaXQ6IDAsXG4gICAgICBjaHVua1NpemVXYXJuaW5nTGltaXQ6IDcwMCxcbiAgICAgIHJvbGx1cE9wdGlvbnM6IHsgaW5wdXQ6IHJlc29sdmUoJ3NyYy9yZW5kZXJlci9pbmRleC5odG1sJykgfSxcbiAgICB9LFxuICB9LFxufSlcbiJdLCJtYXBwaW5ncyI6Ijs7Ozs7Ozs7O0FBUUEsTUFBTSxZQUFZO0FBRWxCLE1BQU0sVUFBVTtDQUNkO0NBQ0EsR0FBRztFQUFDO0VBQWE7RUFBZTtFQUFhO0VBQVE7RUFBUztDQUFRO0NBQ3RFLEdBQUc7RUFBQztFQUFrQjtFQUFrQjtFQUFtQjtFQUFLO0VBQW1CO0NBQU87Q0FDMUYsR0FBRztFQUFDO0VBQVk7RUFBUTtFQUFZO0VBQVc7RUFBbUI7RUFBSztFQUFjO0NBQVk7QUFDbkc7Ozs7O0FBTUEsZUFBc0IsY0FBYyxRQUFRO0NBQzFDLE1BQU0sUUFBUSxLQUFLLFFBQVEsU0FBUztDQUNwQyxNQUFNLE9BQU8sV0FBVyxRQUFRLENBQUMsQ0FBQyxPQUFPLEdBQUcsU0FBUyxRQUFRLEdBQUcsUUFBUSxLQUFLLEdBQUcsR0FBRztDQUNuRixLQUFLLE1BQU0sUUFBUSxZQUFZLE1BQU0sR0FBRyxLQUFLLE9BQU8sSUFBSSxDQUFDLENBQUMsT0FBTyxhQUFhLEtBQUssUUFBUSxJQUFJLENBQUMsQ0FBQztDQUNqRyxNQUFNLFNBQVMsS0FBSyxPQUFPLEdBQUcsS0FBSyxPQUFPLEtBQUssQ0FBQyxDQUFDLE1BQU0sR0FBRyxFQUFFLEVBQUUsTUFBTTtDQUNwRSxJQUFJO0VBQ0YsT0FBTyxhQUFhLE1BQU07Q0FDNUIsUUFBUTtFQUNOLE1BQU0sUUFBUSxNQUFNLFFBQVEsTUFBTTtFQUNsQyxVQUFVLE9BQU8sRUFBRSxXQUFXLEtBQUssQ0FBQztFQUNwQyxNQUFNLE9BQU8sR0FBRyxPQUFPLEdBQUcsUUFBUTtFQUNsQyxjQUFjLE1BQU0sS0FBSztFQUN6QixXQUFXLE1BQU0sTUFBTTtFQUN2QixPQUFPO0NBQ1Q7QUFDRjtBQUVBLE1BQU0sZUFBcUMsV0FDekMsWUFBWSxNQUFNLENBQUMsQ0FDaEIsUUFBUSxTQUFTLEtBQUssU0FBUyxLQUFLLENBQUMsQ0FBQyxDQUN0QyxLQUFLOztBQUdWLGVBQWUsUUFBUSxRQUFROztDQUU3QixJQUFJLFFBQVE7Q0FDWixNQUFNLEVBQUUsT0FBTyxXQUFXLE1BQU0sU0FBUyxLQUFLLFNBQVM7RUFDckQsV0FBVyxNQUFNLFNBQVMsU0FBUyxRQUFRLFFBQVEsTUFBTSxJQUFJLENBQUM7RUFDOUQsWUFBWSxNQUFNLGFBQWE7R0FDN0IsSUFBSSxTQUFTLGlCQUFpQixPQUFPLGFBQWEsVUFBVSxRQUFRO0VBQ3RFO0VBQ0EsWUFBWSxNQUFNLFNBQVMsV0FBVyxRQUFRLFFBQVEsTUFBTSxJQUFJLENBQUM7Q0FDbkUsQ0FBQztDQUNELElBQUksU0FBUyxVQUFVLE1BQU0sTUFBTSxJQUFJLE1BQU0sZ0NBQWdDLE9BQU8sV0FBVyxHQUFHLElBQUksT0FBTyxTQUFTLEdBQUc7Q0FDekgsT0FBTztBQUNUOztBQUdBLFNBQVMsU0FBUyxNQUFNO0NBQ3RCLElBQUk7RUFDRixPQUFPLGFBQWEsTUFBTSxNQUFNO0NBQ2xDLFFBQVE7RUFDTixPQUFPO0NBQ1Q7QUFDRjs7QUFHQSxTQUFTLFdBQVcsTUFBTTtDQUN4QixJQUFJO0VBQ0YsT0FBTyxZQUFZLElBQUk7Q0FDekIsUUFBUTtFQUNOLE9BQU8sQ0FBQztDQUNWO0FBQ0Y7QUFFQSxNQUFNLFNBQVM7O0FBR2YsU0FBZ0IsZUFBZTtDQUM3QixPQUFPO0VBQ0wsTUFBTTtFQUNOLFNBQStCOztFQUUvQixZQUFZLElBQUksV0FBVyxPQUN6QixHQUFHLFNBQVMscUJBQXFCLElBQUksU0FBUyxRQUFRLFFBQVEsUUFBUSxRQUFRLEdBQUcsRUFBRSxDQUFDLElBQUk7O0VBRTFGLE1BQU0sS0FBSyxJQUFJO0dBQ2IsSUFBSSxDQUFDLEdBQUcsV0FBVyxNQUFNLEdBQUcsT0FBTztHQUNuQyxNQUFNLFFBQVEsTUFBTSxjQUFjLEdBQUcsTUFBTSxFQUFhLENBQUM7R0FDekQsT0FBTywyQ0FBMkMsT0FBTyxLQUFLLEtBQUssQ0FBQyxDQUFDLFNBQVMsUUFBUSxFQUFFO0VBQzFGO0NBQ0Y7QUFDRjs7QUN2RkEsTUFBTSxRQUFRLEVBQUUsYUFBYSxRQUFRLCtCQUErQixFQUFFO0FBRXRFLElBQUEsK0JBQWUsYUFBYTtDQUMxQixNQUFNO0VBQ0osU0FBUyxFQUFFLE1BQU07RUFDakIsU0FBUyxDQUFDLGFBQWEsQ0FBQztFQUN4QixPQUFPO0dBQ0wsUUFBUTtHQUNSLFFBQVE7R0FDUixlQUFlO0lBQ2IsT0FBTztLQUNMLE9BQU8sUUFBUSx5QkFBeUI7S0FDeEMsUUFBUSxRQUFRLDBCQUEwQjtLQUMxQyxTQUFTLFFBQVEsMkJBQTJCO0tBQzVDLFFBQVEsUUFBUSxpQ0FBaUM7S0FDakQsUUFBUSxRQUFRLGdEQUFnRDtLQUNoRSxLQUFLLFFBQVEsaUJBQWlCO0lBQ2hDO0lBQ0EsUUFBUTtLQUFFLGdCQUFnQjtLQUFhLGdCQUFnQjtJQUEwQjtHQUNuRjtFQUNGO0NBQ0Y7Q0FDQSxTQUFTO0VBQ1AsU0FBUyxFQUFFLE1BQU07RUFDakIsT0FBTztHQUNMLFFBQVE7R0FDUixpQkFBaUI7R0FDakIsZUFBZTtJQUNiLE9BQU8sRUFBRSxPQUFPLFFBQVEsc0JBQXNCLEVBQUU7SUFDaEQsUUFBUTtLQUFFLFFBQVE7S0FBTyxnQkFBZ0I7SUFBYTtHQUN4RDtFQUNGO0NBQ0Y7Q0FDQSxVQUFVO0VBQ1IsTUFBTTtFQUNOLFNBQVMsRUFBRSxNQUFNO0VBQ2pCLFNBQVMsQ0FBQyxJQUFJLENBQUM7RUFDZixPQUFPO0dBQ0wsUUFBUTtHQUNSLFFBQVE7R0FDUixtQkFBbUI7R0FDbkIsdUJBQXVCO0dBQ3ZCLGVBQWUsRUFBRSxPQUFPLFFBQVEseUJBQXlCLEVBQUU7RUFDN0Q7Q0FDRjtBQUNGLENBQUMifQ==