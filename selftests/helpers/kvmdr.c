// SPDX-License-Identifier: GPL-2.0-only
/*
 * pk-kvmdr: a guest that uses the debug registers.
 *
 *	pk-kvmdr EXITS	run until it left to us EXITS times, print "exits=N"
 *
 * To enter a guest with an enabled breakpoint, KVM loads the guest's addresses
 * into DR0-DR3 of the host's CPU and leaves them there.
 */

#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util.h"

#define CODE_AT		0x1000
#define MEMORY_SIZE	0x10000

/* 16-bit code: load DR0-DR3, enable one breakpoint, then leave for ever. */
static const unsigned char code[] = {
	0x66, 0xb8, 0x10, 0x32, 0x54, 0x76,	/* mov eax, 0x76543210 */
	0x0f, 0x23, 0xc0,			/* mov dr0, eax */
	0x0f, 0x23, 0xc8,			/* mov dr1, eax */
	0x0f, 0x23, 0xd0,			/* mov dr2, eax */
	0x0f, 0x23, 0xd8,			/* mov dr3, eax */
	0x66, 0xb8, 0x01, 0x04, 0x00, 0x00,	/* mov eax, 0x401 */
	0x0f, 0x23, 0xf8,			/* mov dr7, eax */
	0xe6, 0x10,				/* again: out 0x10, al */
	0xeb, 0xfc,				/* jmp again */
};

static int checked(int ret, const char *what)
{
	if (ret < 0)
		die_errno(what);
	return ret;
}

static int make_vm(int kvm)
{
	struct kvm_userspace_memory_region region = {
		.memory_size = MEMORY_SIZE,
	};
	void *memory = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int vm = checked(ioctl(kvm, KVM_CREATE_VM, 0), "KVM_CREATE_VM");

	if (memory == MAP_FAILED)
		die_errno("mmap");
	memcpy((char *)memory + CODE_AT, code, sizeof(code));
	region.userspace_addr = (unsigned long)memory;
	checked(ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region), "memory");
	return vm;
}

static int make_vcpu(int vm)
{
	int vcpu = checked(ioctl(vm, KVM_CREATE_VCPU, 0), "KVM_CREATE_VCPU");
	struct kvm_regs regs = { .rip = CODE_AT, .rflags = 2 };
	struct kvm_sregs sregs;

	checked(ioctl(vcpu, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	sregs.cs.base = 0;
	sregs.cs.selector = 0;
	checked(ioctl(vcpu, KVM_SET_SREGS, &sregs), "KVM_SET_SREGS");
	checked(ioctl(vcpu, KVM_SET_REGS, &regs), "KVM_SET_REGS");
	return vcpu;
}

int main(int argc, char **argv)
{
	int kvm = checked(open("/dev/kvm", O_RDWR | O_CLOEXEC), "/dev/kvm");
	int vcpu = make_vcpu(make_vm(kvm));
	int size = checked(ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0), "mmap size");
	long exits = argc > 1 ? atol(argv[1]) : 1000;
	struct kvm_run *run;
	long i;

	run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	if (run == MAP_FAILED)
		die_errno("mmap vcpu");
	for (i = 0; i < exits; i++) {
		checked(ioctl(vcpu, KVM_RUN, 0), "KVM_RUN");
		if (run->exit_reason != KVM_EXIT_IO)
			die("exit for reason %u", run->exit_reason);
	}
	printf("exits=%ld\n", i);
	return 0;
}
