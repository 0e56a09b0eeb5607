/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "unit.h"

#include "collect/proc_cgroup.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define POD_IN_UNIT "6ba7b810_9dad_11d1_80b4_00c04fd430c8"

static void assert_name(const char *text, const char *name)
{
	char room[PROC_CGROUP_NAME_MAX];
	struct text found = proc_cgroup_parse(text_of(text), room);

	assert_text(found, name);
}

TEST(containers_are_named_by_who_made_them)
{
	assert_name("0::/system.slice/docker-" ID ".scope\n", "docker:0123456789ab");
	assert_name("0::/docker/" ID "\n", "docker:0123456789ab");
	assert_name("12:memory:/docker/" ID "\n1:name=systemd:/docker/" ID "\n",
		    "docker:0123456789ab");
	assert_name("0::/machine.slice/libpod-" ID ".scope/container\n", "podman:0123456789ab");
	assert_name("0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		    ".scope\n",
		    "podman:0123456789ab");
	assert_name("0::/system.slice/nerdctl-" ID ".scope\n", "containerd:0123456789ab");
}

TEST(containers_of_a_pod_have_it_in_front)
{
	assert_name("0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" POD_IN_UNIT
		    ".slice/cri-containerd-" ID ".scope\n",
		    "pod:" POD "/containerd:0123456789ab");
	assert_name("0::/kubepods.slice/kubepods-pod" POD_IN_UNIT ".slice/crio-" ID ".scope\n",
		    "pod:" POD "/cri-o:0123456789ab");
	assert_name("0::/kubepods/besteffort/pod" POD "/" ID "\n",
		    "pod:" POD "/container:0123456789ab");
	assert_name("0::/kubepods/besteffort/pod" POD "\n", "pod:" POD);
}

#define USER "user.slice/user-1000.slice/user@1000.service"

/* Each is as a machine had it: both versions, with systemd and without, and one in the other. */
TEST(variants_of_paths_are_known)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{"0::/" USER "/app.slice/docker-" ID ".scope\n", "docker:0123456789ab"},
		{"0::/docker/" ID "/init.scope\n", "docker:0123456789ab"},
		{"0::/docker/" ID "/docker/f" ID "\n", "docker:0123456789ab"},
		{"0::/docker/" ID "/kubelet/kubepods/burstable/pod" POD "/f" ID "\n",
		 "docker:0123456789ab"},
		{"0::/../docker-" ID ".scope\n", "docker:0123456789ab"},
		{"0::/ecs/a-task/" ID "\n", "container:0123456789ab"},
		{"0::/ecstasks.slice/ecstasks-a.slice/docker-" ID ".scope\n",
		 "docker:0123456789ab"},
		{"4:memory:/default/" ID "\n", "container:0123456789ab"},
		{"0::/k8s.io/" ID "\n", "container:0123456789ab"},
		{"0::/system.slice/containerd.service/kubepods-burstable-pod" POD_IN_UNIT
		 ".slice:cri-containerd:" ID "\n",
		 "pod:" POD "/containerd:0123456789ab"},
		{"11:cpuset:/kubepods-pod" POD_IN_UNIT ".slice:crio:" ID "\n",
		 "pod:" POD "/cri-o:0123456789ab"},
		{"0::/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
		 "kubelet-kubepods-burstable-pod" POD_IN_UNIT ".slice/cri-containerd-" ID
		 ".scope\n",
		 "pod:" POD "/containerd:0123456789ab"},
		{"0::/kubepods/burstable/pod" POD "/crio-" ID "\n",
		 "pod:" POD "/cri-o:0123456789ab"},
		{"0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_IN_UNIT
		 ".slice/docker-" ID ".scope\n",
		 "pod:" POD "/docker:0123456789ab"},
		/* A static pod has no dashes in its UID. */
		{"0::/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" ID "\n",
		 "pod:0123456789abcdef0123456789abcdef/container:0123456789ab"},
		{"0::/system.slice/web.service/libpod-payload-" ID "\n", "podman:0123456789ab"},
		{"0::/machine.slice/machine-libpod_pod_f" ID ".slice/libpod-" ID
		 ".scope/container\n",
		 "podman:0123456789ab"},
		{"3:pids:/libpod_parent/libpod-" ID "\n", "podman:0123456789ab"},
		{"0::/" USER "/user.slice/libpod-" ID ".scope/container/init.scope\n",
		 "podman:0123456789ab"},
		{"0::/lxc.payload/web/init.scope\n", "lxc:web"},
		{"7:memory:/lxc/101/ns/system.slice/cron.service\n", "lxc:101"},
		{"0::/" USER "/lxc.payload.web\n", "lxc:web"},
		{"0::/machine.slice/machine-lxc\\x2d12\\x2dweb.scope/libvirt\n",
		 "machine:lxc-12-web"},
		{"0::/machine.slice/machine-box.scope/payload/system.slice/cron.service\n",
		 "machine:box"},
		/* The container is in one of the trees alone. */
		{"12:pids:/system.slice/ssh.service\n11:memory:/lxc/web\n0::/system.slice/ssh.service\n",
		 "lxc:web"},
		{"3:rdma:/\n2:hugetlb:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n",
		 "docker:0123456789ab"},
		{"0::/system.slice/ended.service (deleted)\n", "ended.service"},
		{"0::/docker/" ID " (deleted)\n", "docker:0123456789ab"},
		/* No container, but what looks after one. */
		{"0::/system.slice/libpod-conmon-" ID ".scope\n", "libpod-conmon-" ID ".scope"},
		{"0::/system.slice/podman.service\n", "podman.service"},
		{"0::/system.slice/podman-auto-update.service\n", "podman-auto-update.service"},
		{"0::/lxc.monitor.web\n", ""},
		{"0::/system.slice/a:b.service\n", "a:b.service"},
		{"0::/system.slice/kubelet.service\n", "kubelet.service"},
	};

	for (size_t i = 0; i < ARRAY_LENGTH(cases); i++)
		assert_name(cases[i].text, cases[i].name);
}

TEST(whole_systems_have_names_of_their_own)
{
	assert_name("0::/lxc/web/system.slice/nginx.service\n", "lxc:web");
	assert_name("0::/lxc.payload.web/init.scope\n", "lxc:web");
	assert_name("0::/machine.slice/systemd-nspawn@my\\x2dbox.service/payload/init.scope\n",
		    "nspawn:my-box");
	assert_name("0::/machine.slice/machine-qemu\\x2d1\\x2ddb.scope\n", "machine:qemu-1-db");
}

TEST(otherwise_the_innermost_unit_is_the_name)
{
	assert_name("0::/system.slice/nginx.service\n", "nginx.service");
	assert_name("0::/user.slice/user-0.slice/session-3.scope\n", "session-3.scope");
	assert_name("0::/user.slice/user-1000.slice/user@1000.service/app.slice/"
		    "app-gnome\\x2dterminal-12.scope\n",
		    "app-gnome-terminal-12.scope");
	assert_name("4:memory:/\n1:name=systemd:/system.slice/cron.service\n", "cron.service");
}

TEST(who_is_in_no_group_with_a_name_has_none)
{
	static const char *const texts[] = {"",
					    "0::/\n",
					    "0::/user.slice\n",
					    "nonsense",
					    "\n\n:::",
					    "0::/docker/short\n",
					    "0::/.service\n"};

	for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
		assert_name(texts[i], "");
}

TEST(what_looks_like_an_id_must_be_one)
{
	assert_name("0::/docker-" ID "0.scope\n", "docker-" ID "0.scope");
	assert_name("0::/system.slice/docker-XYZ.scope\n", "docker-XYZ.scope");
	assert_name("0::/somebody/" ID "0\n", "");
}

TEST(a_long_name_is_cut)
{
	char text[1024], room[PROC_CGROUP_NAME_MAX];
	size_t length = (size_t)snprintf(text, sizeof(text), "0::/lxc/%0600d\n", 0);

	assert_int_equal(proc_cgroup_parse((struct text){text, length}, room).length,
			 PROC_CGROUP_NAME_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers_are_named_by_who_made_them),
		cmocka_unit_test(containers_of_a_pod_have_it_in_front),
		cmocka_unit_test(variants_of_paths_are_known),
		cmocka_unit_test(whole_systems_have_names_of_their_own),
		cmocka_unit_test(otherwise_the_innermost_unit_is_the_name),
		cmocka_unit_test(who_is_in_no_group_with_a_name_has_none),
		cmocka_unit_test(what_looks_like_an_id_must_be_one),
		cmocka_unit_test(a_long_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
