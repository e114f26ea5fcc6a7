/** As much of Preact, htm and signals as the console uses. */
export interface Signal<T> {
  value: T;
  peek(): T;
}
export declare class Component<P = any, S = any> {}
export declare const Fragment: any;
export declare function h(type: any, props?: any, ...children: any[]): any;
export declare function render(tree: any, into: Element): void;
export declare const html: (strings: TemplateStringsArray, ...values: any[]) => any;
export declare function useState<T>(initial: T | (() => T)): [T, (next: T | ((last: T) => T)) => void];
export declare function useEffect(run: () => void | (() => void), on?: any[]): void;
export declare function useLayoutEffect(run: () => void | (() => void), on?: any[]): void;
export declare function useRef<T>(initial: T): { current: T };
export declare function useMemo<T>(make: () => T, on: any[]): T;
export declare function useId(): string;
export declare function useErrorBoundary(on?: (error: any) => void): [any, () => void];
export declare function signal<T>(initial: T): Signal<T>;
export declare function computed<T>(make: () => T): Signal<T>;
export declare function effect(run: () => void | (() => void)): () => void;
export declare function batch<T>(run: () => T): T;
export declare function untracked<T>(run: () => T): T;
export declare function useSignal<T>(initial: T): Signal<T>;
export declare function useComputed<T>(make: () => T): Signal<T>;
export declare function useSignalEffect(run: () => void | (() => void)): void;
