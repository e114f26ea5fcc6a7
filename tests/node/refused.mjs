// Connects the unmodified client with an invalid token, and prints the answer as one line of JSON.
//
//   node refused.mjs BASE_URL TOKEN TRANSPORT
import io from 'socket.io-client';

const [baseURL, token, transport] = process.argv.slice(2);
const socket = io(baseURL, { query: { token }, transports: [transport], reconnection: false });
const told = await new Promise((resolve) => {
  socket.once('connect', () => resolve({ event: 'connect' }));
  socket.once('connect_error', (error) => {
    // A status over polling; over WebSocket the browser's API has no more than a sentence with it.
    const description = error.description?.message ?? error.description;
    const status = Number(String(description).match(/\d{3}/)?.[0]);
    resolve({ event: 'connect_error', message: error.message, status });
  });
});
console.log(JSON.stringify(told));
socket.close();
