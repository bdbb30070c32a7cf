/* Wine 8 lacks bcryptprimitives.dll, which every program of Rust's standard library asks for random numbers. This stands
   in for it under Wine; real Windows has its own, and nothing here is ever shipped. */
#include <windows.h>
#include <ntsecapi.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count)
{
    return RtlGenRandom(bytes, (ULONG)count);
}
