import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import * as sqlite from 'node:sqlite';
import { gzipSync } from 'node:zlib';
import express from 'express';
import { serve } from './serve.cjs';
import { shop } from './shop.cjs';

serve(createServer(shop(express, sqlite, { gzipSync }, { createHash })));
